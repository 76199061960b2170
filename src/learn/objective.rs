//! The objective in plain arithmetic (STEP section 5 [R]): the reference that the gradient graph is
//! tested against.

/// Bounds of the clipped surrogate and coefficients of its extra terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// Lower clip bound: ratios below `1 - clip_low` stop counting.
    pub clip_low: f64,
    /// Upper clip bound: ratios above `1 + clip_high` stop counting.
    pub clip_high: f64,
    /// Weight of the KL penalty.
    pub kl_coef: f64,
    /// Weight of the entropy bonus.
    pub entropy_coef: f64,
}

impl Default for Objective {
    fn default() -> Objective {
        Objective {
            clip_low: 0.2,
            clip_high: 0.3,
            kl_coef: 0.0,
            entropy_coef: 0.0,
        }
    }
}

/// One choice of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenTerm {
    /// Log-probability under the current weights.
    pub log_probability: f64,
    /// Log-probability when the action was drawn.
    pub old_log_probability: f64,
    /// Log-probability under the reference policy, where the KL penalty is on.
    pub reference_log_probability: Option<f64>,
    /// Entropy of the choice's distribution.
    pub entropy: f64,
    /// A_z.
    pub advantage: f64,
}

/// `k3 = exp(ref - logp) - (ref - logp) - 1`, at least 0.
pub fn k3(log_probability: f64, reference: f64) -> f64 {
    let difference = reference - log_probability;
    difference.exp() - difference - 1.0
}

impl Objective {
    /// `min(r A, clip(r, 1 - clip_low, 1 + clip_high) A)` with `r = exp(logp - logp_old)`.
    pub fn surrogate(&self, log_probability: f64, old: f64, advantage: f64) -> f64 {
        let ratio = (log_probability - old).exp();
        let clipped = ratio.clamp(1.0 - self.clip_low, 1.0 + self.clip_high);
        (ratio * advantage).min(clipped * advantage)
    }

    /// Whether clipping takes this choice out of the gradient.
    pub fn is_clipped(&self, log_probability: f64, old: f64, advantage: f64) -> bool {
        let ratio = (log_probability - old).exp();
        (advantage > 0.0 && ratio > 1.0 + self.clip_high)
            || (advantage < 0.0 && ratio < 1.0 - self.clip_low)
    }

    /// The contribution of one choice to the loss, before its weight
    /// ([`super::schedule::WeightedRow`]).
    pub fn token_loss(&self, token: &TokenTerm) -> f64 {
        let mut loss = -self.surrogate(
            token.log_probability,
            token.old_log_probability,
            token.advantage,
        );
        if let Some(reference) = token.reference_log_probability {
            loss += self.kl_coef * k3(token.log_probability, reference);
        }
        loss - self.entropy_coef * token.entropy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_is_one_sided() {
        let objective = Objective::default();
        let at = |ratio: f64, advantage| objective.surrogate(ratio.ln(), 0.0, advantage);
        assert!((at(1.1, 1.0) - 1.1).abs() < 1e-12);
        assert!((at(1.5, 1.0) - 1.3).abs() < 1e-12);
        assert!((at(1.5, -1.0) + 1.5).abs() < 1e-12);
        assert!((at(0.5, -1.0) + 0.8).abs() < 1e-12);
        assert!((at(0.5, 1.0) - 0.5).abs() < 1e-12);
        assert!(objective.is_clipped(1.5f64.ln(), 0.0, 1.0));
        assert!(!objective.is_clipped(1.5f64.ln(), 0.0, -1.0));
    }

    #[test]
    fn extra_terms_have_their_signs() {
        assert_eq!(k3(-1.0, -1.0), 0.0);
        assert!(k3(-1.0, -2.0) > 0.0 && k3(-2.0, -1.0) > 0.0);
        let token = TokenTerm {
            log_probability: -1.0,
            old_log_probability: -1.0,
            reference_log_probability: Some(-2.0),
            entropy: 0.5,
            advantage: 1.0,
        };
        let objective = Objective {
            kl_coef: 1.0,
            entropy_coef: 0.1,
            ..Objective::default()
        };
        let expected = -1.0 + k3(-1.0, -2.0) - 0.05;
        assert!((objective.token_loss(&token) - expected).abs() < 1e-12);
    }
}
