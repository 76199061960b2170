//! The policy that a run starts from: a new one, or a bundle that is what the configuration says.

use std::path::Path;

use super::TrainError;
use crate::config::{ContextKind, PolicyConfig};
use crate::policy::{Bundle, Context, Shape};

/// The policy that a configuration begins with: random weights of a seed, or the bundle that it names,
/// as version 0 without an optimizer's moments.
///
/// # Errors
/// The network is not possible; the bundle can't be used, or looks back another way than the
/// configuration says ([`TrainError::OtherPolicy`]).
pub fn first_bundle(policy: &PolicyConfig, seed: u64) -> Result<Bundle, TrainError> {
    let wanted = context_of(policy);
    if policy.bundle.is_empty() {
        let shape = Shape {
            width: policy.width as usize,
            layers: policy.layers as usize,
            heads: policy.heads as usize,
            hidden: policy.feed_forward as usize,
        };
        return Ok(Bundle::looking_back(shape, wanted, seed)?);
    }
    let path = Path::new(&policy.bundle);
    let bundle = Bundle::load(path)?;
    fits(path, bundle.context, wanted)?;
    Ok(Bundle {
        // A run counts its own versions and begins with fresh moments.
        version: 0,
        optimizer: None,
        ..bundle
    })
}

fn context_of(policy: &PolicyConfig) -> Context {
    match policy.context {
        ContextKind::Screen => Context::Screen,
        ContextKind::Episode => Context::Episode {
            screens: policy.past_screens as usize,
        },
    }
}

/// Refuses a bundle that looks back another way than is wanted.
fn fits(path: &Path, found: Context, wanted: Context) -> Result<(), TrainError> {
    let (field, way_out) = match (found, wanted) {
        (found, wanted) if found == wanted => return Ok(()),
        (Context::Screen, _) => ("policy.context", "policy.context = \"screen\"".to_owned()),
        (Context::Episode { screens }, Context::Screen) => (
            "policy.context",
            format!("policy.context = \"episode\" and policy.past_screens = {screens}"),
        ),
        (Context::Episode { screens }, Context::Episode { .. }) => (
            "policy.past_screens",
            format!("policy.past_screens = {screens}"),
        ),
    };
    Err(TrainError::OtherPolicy {
        field,
        path: path.to_path_buf(),
        bundle: found.to_string(),
        config: wanted.to_string(),
        way_out,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(sets: &[&str]) -> PolicyConfig {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        crate::config::load(None, &sets).unwrap().config.policy
    }

    #[test]
    fn a_bundle_of_the_other_kind_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| format!("policy.bundle={}", folder.path().join(name).display());
        let kinds = [
            ("screen", "policy.context=screen", "policy.past_screens=30"),
            ("short", "policy.context=episode", "policy.past_screens=4"),
            ("long", "policy.context=episode", "policy.past_screens=8"),
        ];
        for (name, context, screens) in kinds {
            let bundle = first_bundle(&policy(&[context, screens]), 1).unwrap();
            bundle.save(&folder.path().join(name)).unwrap();
        }
        let says = "looks back another way";
        for (name, ..) in kinds {
            for (wanted, context, screens) in kinds {
                let found = first_bundle(&policy(&[&named(name), context, screens]), 1);
                if name == wanted {
                    assert!(found.is_ok(), "{name}: {found:?}");
                    continue;
                }
                let text = found.expect_err(says).to_string();
                let field = match (name, wanted) {
                    ("screen", _) | (_, "screen") => "`policy.context`",
                    _ => "`policy.past_screens`",
                };
                for word in [field, name, "; set policy.", "`policy.bundle`"] {
                    assert!(text.contains(word), "{word}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_network_that_would_fill_the_memory_is_refused() {
        let sets = [
            "policy.context=episode",
            "policy.past_screens=64",
            "policy.width=128",
            "policy.heads=128",
        ];
        let text = first_bundle(&policy(&sets), 1).unwrap_err().to_string();
        assert!(text.contains("policy.past_screens"), "{text}");
    }
}
