//! Direct preference optimisation on pairs of actions in one state (arXiv 2305.18290), as rows of
//! the policy-gradient loss.

/// The factor that a pair's rows have: `beta sigmoid(-beta m)` with the margin
/// `m = (logp_w - ref_w) - (logp_l - ref_l)`. The gradient of `-log sigmoid(beta m)` is
/// `-beta sigmoid(-beta m) (grad logp_w - grad logp_l)`, which is that of the surrogate with the
/// advantages `+factor` for the preferred and `-factor` for the other action at a ratio of 1.
pub fn pair_factor(beta: f64, margin: f64) -> f64 {
    beta / (1.0 + (beta * margin).exp())
}

/// `-log sigmoid(beta m)`, which [`pair_factor`] is the slope of.
pub fn pair_loss(beta: f64, margin: f64) -> f64 {
    // As max(x, 0) + log(1 + exp(-|x|)), which overflows nowhere.
    let x = -beta * margin;
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
