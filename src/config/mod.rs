//! Settings with origins: `train.toml`, `--set`, defaults.
