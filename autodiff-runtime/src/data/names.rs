//! A small text.

/// 367 names of elements, stars, constellations, moons, months and days, in the letters `a` to `z`: a text
/// for models of characters. Each one is there once.
///
/// The list was put together for this crate from facts that nobody owns; it has no other source and no
/// licence of its own.
///
/// ```
/// let names = autodiff_runtime::data::names();
/// assert!(names.len() == 367 && names.contains(&"betelgeuse"));
/// assert!(names.iter().all(|name| name.bytes().all(|letter| letter.is_ascii_lowercase())));
/// ```
pub fn names() -> Vec<&'static str> {
    let text = include_str!("../../data/names.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once() {
        let mut names = names();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        let longest = names.iter().map(|name| name.len()).max();
        assert_eq!(
            (names.iter().map(|name| name.len()).min(), longest),
            (Some(2), Some(14))
        );
    }
}
