//! Whether a value is as a check expects it. Pure.

use crate::policy::pattern::Case;
use crate::policy::rule::{Comparison, Drift, Expectation};

/// Returns whether `value` is as expected. A value that should be a number and is none is not, and
/// a probe that saw nothing has not seen something else than `x`.
#[must_use]
pub fn is_met(is: &Expectation, value: &str) -> bool {
    match is {
        Expectation::Compare(comparison, bound) => size(value).is_some_and(|value| {
            let bound = bound.get();
            match comparison {
                Comparison::Less => value < bound,
                Comparison::AtMost => value <= bound,
                Comparison::More => value > bound,
                Comparison::AtLeast => value >= bound,
            }
        }),
        Expectation::Not(text) => !value.is_empty() && value != text,
        Expectation::Like(pattern) => pattern.fits(value, Case::Counts),
    }
}

/// Returns the expectation as a rule writes it.
#[must_use]
pub fn shown(is: &Expectation) -> String {
    match is {
        Expectation::Compare(comparison, bound) => {
            let sign = match comparison {
                Comparison::Less => "<",
                Comparison::AtMost => "<=",
                Comparison::More => ">",
                Comparison::AtLeast => ">=",
            };
            format!("{sign} {}", bound.get())
        }
        Expectation::Not(text) => format!("!= {text}"),
        Expectation::Like(pattern) => pattern.as_written().to_owned(),
    }
}

/// Returns whether a value measured again is within the drift allowed. Values that are no numbers
/// must be equal unless anything goes.
#[must_use]
pub fn is_within(drift: Drift, first: &str, second: &str) -> bool {
    let numbers = || {
        Some((
            first.trim().parse::<f64>().ok()?,
            second.trim().parse::<f64>().ok()?,
        ))
    };
    match drift {
        Drift::Any => true,
        _ if first == second => true,
        Drift::Number(by) => numbers().is_some_and(|(one, two)| (one - two).abs() <= by),
        Drift::Share(share) => {
            numbers().is_some_and(|(one, two)| (one - two).abs() <= one.abs() * share)
        }
    }
}

/// Reads a number, with `k M G T` as powers of 1024.
fn size(text: &str) -> Option<f64> {
    let text = text.trim();
    let (digits, factor) = match text.chars().last()? {
        'k' | 'K' => (text.strip_suffix(['k', 'K'])?, 1024.0),
        'M' => (text.strip_suffix('M')?, 1024.0_f64.powi(2)),
        'G' => (text.strip_suffix('G')?, 1024.0_f64.powi(3)),
        'T' => (text.strip_suffix('T')?, 1024.0_f64.powi(4)),
        _ => (text, 1.0),
    };
    digits
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::Pattern;
    use crate::policy::rule::Number;

    #[test]
    fn sizes_are_compared_as_numbers() {
        let below_4g = Expectation::Compare(
            Comparison::Less,
            Number((4.0 * 1024.0_f64.powi(3)).to_bits()),
        );
        assert!(is_met(&below_4g, "4294967295"));
        assert!(!is_met(&below_4g, "4294967296"));
        assert!(is_met(&below_4g, "3G"));
        assert!(!is_met(&below_4g, "no number"));
        assert!(!is_met(&below_4g, ""));
    }

    #[test]
    fn texts_are_compared_by_pattern() {
        assert!(is_met(
            &Expectation::Like(Pattern::parse("0").unwrap()),
            "0"
        ));
        assert!(!is_met(
            &Expectation::Like(Pattern::parse("0").unwrap()),
            "10"
        ));
        let not_x = Expectation::Not("x".to_owned());
        assert!(is_met(&not_x, "y"));
        assert!(!is_met(&not_x, "x"));
        assert!(!is_met(&not_x, ""));
    }

    #[test]
    fn drift_is_a_number_or_a_share_of_the_first_value() {
        assert!(is_within(Drift::Number(0.0), "12", "12"));
        assert!(!is_within(Drift::Number(0.0), "12", "13"));
        assert!(is_within(Drift::Share(0.05), "100", "105"));
        assert!(!is_within(Drift::Share(0.05), "100", "106"));
        assert!(!is_within(Drift::Share(0.05), "100", "94"));
        assert!(!is_within(Drift::Share(0.05), "a", "b"));
        assert!(is_within(Drift::Any, "a", "b"));
        assert!(is_within(Drift::Number(0.0), "same text", "same text"));
    }
}
