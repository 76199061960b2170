//! What can be said about a script before parsing it. Pure.

/// How deep brackets and blocks nest, roughly; keeps the recursive parser off the stack's end.
pub fn nesting(script: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut quoted = false;
    for (at, byte) in script.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' | b'{' | b'`' if !quoted => depth += 1,
            b')' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = &script.as_bytes()[at..];
        if !quoted {
            if ["if ", "do ", "case "]
                .iter()
                .any(|word| rest.starts_with(word.as_bytes()))
            {
                depth += 1;
            } else if ["fi", "done", "esac"]
                .iter()
                .any(|word| rest.starts_with(word.as_bytes()))
            {
                depth = depth.saturating_sub(1);
            }
        }
        deepest = deepest.max(depth);
    }
    deepest
}
