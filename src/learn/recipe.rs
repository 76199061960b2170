//! The parts of an algorithm as the configuration names them. The one file of this room that reads
//! the configuration.

use std::sync::Arc;

use super::sampler::Instances;
use super::sampler::{Posterior, Ramp, ReferenceRates};
use super::{
    Advantage, Augmentation, BotsSampler, CacheDraw, Granularity, GroupInGroup, GroupRelative,
    Judge, JudgedSteps, LossAggregation, Matcher, Negatives, Replay, ReplayRule, Sampler, Schedule,
    SrSoftmaxSampler, StepAndTrajectory, StepSampler, SuccessWeighted, TextMatch, UniformSampler,
    UpdateMode, objective::Objective,
};
use crate::config::{
    AdvantageKind, AugmentationKind, CacheDrawKind, CalibrationKind, CriticalStepsKind,
    GranularityKind, InstanceKind, LossAggregationKind, LossReweightKind, NegativesKind,
    ReplayKind, SamplerKind, TextMatchKind, Train, UpdateModeKind,
};

/// Everything that a training round needs to know.
pub struct Recipe {
    /// Draws the plan.
    pub sampler: Box<dyn Sampler>,
    /// Which instances copies run on.
    pub instances: Instances,
    /// Estimates advantages.
    pub advantage: Box<dyn Advantage>,
    /// What one sample is.
    pub granularity: Granularity,
    /// Step-level augmentation by matches, where it is on.
    pub augmentation: Option<Augmentation>,
    /// Step-level augmentation by a judge's scores, where it is on.
    pub judged_steps: Option<JudgedSteps>,
    /// Who judges; whoever makes one puts it here.
    pub judge: Option<Arc<dyn Judge>>,
    /// Temperature of the actions drawn again.
    pub augmentation_temperature: f64,
    /// Compares the actions drawn again with the one taken.
    pub matcher: Matcher,
    /// Order of the update.
    pub schedule: Schedule,
    /// Bounds and coefficients of the loss.
    pub objective: Objective,
    /// Past successes that are learnt from again, where that is on.
    pub replay: Option<Replay>,
    /// lambda of the weights by hardness ([`super::reweight::ir_dro`]), where that is on.
    pub reweight_lambda: Option<f64>,
    /// What is learnt at the critical steps of failed runs.
    pub critical_steps: CriticalSteps,
    /// Recoveries from mistakes, where that is on.
    pub calibration: Option<Calibration>,
}

/// What is learnt at the critical steps of failed runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CriticalSteps {
    /// Nothing.
    None,
    /// The right action at forks ([`super::critical::forks`]).
    Fork {
        /// Factor on the advantages.
        coefficient: f64,
    },
    /// Pairs of actions whose branches were run (Verified Critical Step Optimization,
    /// arXiv 2602.03412).
    Verified {
        /// Factor on the pairs' losses.
        coefficient: f64,
        /// beta of the pairs' loss ([`super::preference`]).
        beta: f64,
        /// Most branches in a round.
        branches: u32,
    },
}

/// Recoveries from mistakes (STeCa, arXiv 2502.14276).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Falls of a state's value above this are mistakes.
    pub least_fall: f64,
    /// Factor on the advantages.
    pub coefficient: f64,
    /// Most branches in a round.
    pub branches: u32,
}

impl Recipe {
    /// The recipe of a `[train]` table.
    pub fn of(train: &Train) -> Recipe {
        let granularity = match train.granularity {
            GranularityKind::Step => Granularity::Step,
            GranularityKind::Trajectory => Granularity::Trajectory,
        };
        Recipe {
            sampler: sampler(train),
            instances: match train.instances {
                InstanceKind::PerCopy => Instances::PerCopy,
                InstanceKind::PerGroup => Instances::PerGroup,
            },
            advantage: match train.advantage {
                AdvantageKind::SrWeighted => Box::new(SuccessWeighted::default()),
                AdvantageKind::Grpo => Box::new(GroupRelative::default()),
                AdvantageKind::Gigpo => Box::new(GroupInGroup {
                    discount: train.gigpo_gamma,
                    step_weight: train.gigpo_weight,
                    ..GroupInGroup::default()
                }),
                AdvantageKind::Tgrpo => Box::new(StepAndTrajectory {
                    step_weight: train.tgrpo_c1,
                    trajectory_weight: train.tgrpo_c2,
                    ..StepAndTrajectory::default()
                }),
            },
            granularity,
            augmentation: match train.augmentation {
                AugmentationKind::StepGrpo => Some(groups(train)),
                AugmentationKind::None | AugmentationKind::Judge => None,
            },
            judged_steps: (train.augmentation == AugmentationKind::Judge).then(|| JudgedSteps {
                groups: groups(train),
                failed_runs: train.aug_failed_runs,
            }),
            judge: None,
            augmentation_temperature: train.effective_aug_temperature(),
            matcher: Matcher {
                text: match train.text_match {
                    TextMatchKind::Equal => TextMatch::Equal,
                    TextMatchKind::Contains => TextMatch::Contains,
                    TextMatchKind::F1 => TextMatch::F1,
                },
                ..Matcher::default()
            },
            schedule: schedule(train, granularity),
            objective: Objective {
                clip_low: train.clip_low,
                clip_high: train.clip_high,
                kl_coef: train.kl_coef,
                entropy_coef: train.entropy_coef,
            },
            replay: replay(train),
            reweight_lambda: match train.loss_reweight {
                LossReweightKind::None => None,
                LossReweightKind::IrDro => Some(train.reweight_lambda),
            },
            critical_steps: match train.critical_steps {
                CriticalStepsKind::None => CriticalSteps::None,
                CriticalStepsKind::Fork => CriticalSteps::Fork {
                    coefficient: train.critical_coef,
                },
                CriticalStepsKind::Cso => CriticalSteps::Verified {
                    coefficient: train.critical_coef,
                    beta: train.cso_beta,
                    branches: train.cso_branches,
                },
            },
            calibration: match train.calibration {
                CalibrationKind::None => None,
                CalibrationKind::Steca => Some(Calibration {
                    least_fall: train.calibration_fall,
                    coefficient: train.calibration_coef,
                    branches: train.calibration_branches,
                }),
            },
        }
    }
}

fn replay(train: &Train) -> Option<Replay> {
    let rule = match train.replay {
        ReplayKind::None => return None,
        ReplayKind::Success => ReplayRule::Success,
        ReplayKind::Aes => ReplayRule::Adaptive {
            exploration: train.replay_exploration,
        },
    };
    Some(Replay {
        rule,
        rounds: train.replay_rounds,
        rows: train.replay_rows as usize,
    })
}

fn groups(train: &Train) -> Augmentation {
    Augmentation {
        low_rate: train.low_sr,
        group: train.effective_aug_group(),
        negatives: match train.aug_negatives {
            NegativesKind::Keep => Negatives::Keep,
            NegativesKind::Zero => Negatives::Zero,
        },
        max_states: train.max_aug_states_per_round,
    }
}

fn sampler(train: &Train) -> Box<dyn Sampler> {
    match train.sampler {
        SamplerKind::Uniform => Box::new(UniformSampler {
            tasks_per_round: train.tasks_per_round,
            group_size: train.group_size,
        }),
        SamplerKind::Step => Box::new(StepSampler {
            tasks_per_round: train.tasks_per_round,
            group_size: train.group_size,
            sr_threshold: train.sr_threshold,
            sr_sharpness: train.sr_sharpness,
            keep_copies: train.keep_copies,
            cache_draw: match train.cache_draw {
                CacheDrawKind::Uniform => CacheDraw::Uniform,
                CacheDrawKind::Weighted => CacheDraw::Weighted,
            },
            dead_task_after: train.dead_task_after,
            monitor_copies: train.monitor_copies,
        }),
        SamplerKind::SrSoftmax => {
            let keys = &train.sr_softmax;
            Box::new(SrSoftmaxSampler {
                tasks_per_round: train.tasks_per_round,
                group_size: train.group_size,
                ema_decay: keys.ema_decay,
                success_power: Ramp {
                    first: keys.success_power,
                    last: keys.success_power_final,
                },
                failure_power: Ramp {
                    first: keys.failure_power,
                    last: keys.failure_power_final,
                },
                temperature: keys.temperature,
                rounds: train.effective_anneal_rounds(),
            })
        }
        SamplerKind::Bots => Box::new(bots(train)),
    }
}

fn bots(train: &Train) -> BotsSampler {
    let keys = &train.bots;
    let pairs = keys.weak_rates.iter().filter_map(|(task, weak)| {
        let strong = *keys.strong_rates.get(task)?;
        let rates = ReferenceRates {
            weak: *weak,
            strong,
        };
        Some((task.clone(), rates))
    });
    BotsSampler {
        tasks_per_round: train.tasks_per_round,
        group_size: train.group_size,
        target: keys.target,
        forgetting: keys.forgetting,
        prior: Posterior {
            successes: keys.prior_successes,
            failures: keys.prior_failures,
        },
        implicit: keys.implicit,
        references: pairs.collect(),
    }
}

fn schedule(train: &Train, granularity: Granularity) -> Schedule {
    Schedule {
        mode: match train.update_mode {
            UpdateModeKind::WholeRound => UpdateMode::WholeRound,
            UpdateModeKind::Chunked => UpdateMode::Chunked {
                minibatch: train.minibatch as usize,
            },
            UpdateModeKind::Parts => UpdateMode::Parts {
                parts: train.parts as usize,
            },
        },
        epochs: train.epochs as usize,
        micro_batch: train.micro_batch as usize,
        aggregation: match train.loss_agg {
            LossAggregationKind::TokenMean => LossAggregation::TokenMean,
            LossAggregationKind::SeqMean => LossAggregation::SequenceMean,
        },
        granularity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn recipe(sets: &[&str]) -> Recipe {
        let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
        Recipe::of(&config::load(None, &sets).unwrap().config.train)
    }

    #[test]
    fn presets_are_the_algorithms_they_name() {
        let step = recipe(&["train.preset=step", "train.group_size=16"]);
        assert_eq!(step.sampler.name(), "step");
        assert_eq!(step.advantage.name(), "sr_weighted");
        // G = N/2 and one temperature for both (sections 4 and 6 [P]).
        assert_eq!(step.augmentation.unwrap().group, 8);
        assert_eq!(step.augmentation_temperature, 0.7);
        let t_grpo = recipe(&["train.preset=t-grpo"]);
        assert_eq!(t_grpo.sampler.name(), "uniform");
        assert_eq!(t_grpo.advantage.name(), "grpo");
        assert_eq!(t_grpo.granularity, Granularity::Trajectory);
        assert_eq!(t_grpo.augmentation, None);
        assert_eq!(
            recipe(&["train.preset=gigrpo"]).granularity,
            Granularity::Step
        );
        let gigpo = recipe(&["train.preset=gigpo"]);
        assert_eq!(gigpo.advantage.name(), "gigpo");
        assert_eq!(gigpo.instances, Instances::PerGroup);
        assert!(!gigpo.advantage.wants_progress());
        let tgrpo = recipe(&["train.preset=tgrpo"]);
        assert!(tgrpo.advantage.wants_progress());
        let slate = recipe(&["train.preset=slate"]);
        assert_eq!(slate.augmentation, None);
        assert!(slate.judged_steps.unwrap().failed_runs);
    }
}
