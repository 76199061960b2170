//! The training loop: demonstrations, cloning, rounds, checkpoints, resume.
