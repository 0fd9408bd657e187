//! Small values of rule files: durations, sizes, expectations, drift.

use std::time::Duration;

use crate::policy::pattern::Pattern;
use crate::policy::rule::{Comparison, Drift, Expectation, Number};

/// Why a text is no such value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// No duration.
    #[error("`{0}` is no duration: write a number with s, m, h or d, such as \"30s\" or \"15m\"")]
    Duration(String),
    /// A duration that is zero or longer than a year.
    #[error("`{0}` is out of bounds: a duration is from 1s to 366d")]
    DurationBounds(String),
    /// No number.
    #[error("`{0}` is no number: write digits, with k, M, G or T for sizes")]
    Number(String),
    /// No drift.
    #[error("`{0}` is no drift: write a number, a share such as \"5%\", or \"any\"")]
    Drift(String),
    /// An expectation that is no pattern.
    #[error(transparent)]
    Pattern(#[from] crate::policy::pattern::PatternError),
    /// `!=` without a text.
    #[error("nothing stands after `!=`")]
    NothingAfterNot,
}

/// Longest duration: a year. Longer ones are slips of the unit.
const LONGEST: u64 = 366 * 24 * 60 * 60;

/// Reads `"30s"`, `"15m"`, `"2h"`, `"1d"`, also joined (`"1h30m"`).
pub fn duration(text: &str) -> Result<Duration, ValueError> {
    let wrong = || ValueError::Duration(text.to_owned());
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    for character in text.trim().chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return Err(wrong()),
        };
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        digits.clear();
        seconds = number
            .checked_mul(unit)
            .and_then(|part| part.checked_add(seconds))
            .ok_or_else(|| ValueError::DurationBounds(text.to_owned()))?;
    }
    if !digits.is_empty() || text.trim().is_empty() {
        return Err(wrong());
    }
    match (1..=LONGEST).contains(&seconds) {
        true => Ok(Duration::from_secs(seconds)),
        false => Err(ValueError::DurationBounds(text.to_owned())),
    }
}

/// Reads a number; `k M G T` (and `K`) multiply by powers of 1024, as tools that print sizes do.
pub fn number(text: &str) -> Result<f64, ValueError> {
    let trimmed = text.trim();
    let wrong = || ValueError::Number(trimmed.to_owned());
    let (digits, factor) = match trimmed.chars().last() {
        Some('k' | 'K') => (trimmed.strip_suffix(['k', 'K']), 1024.0),
        Some('M') => (trimmed.strip_suffix('M'), 1024.0 * 1024.0),
        Some('G') => (trimmed.strip_suffix('G'), 1024.0 * 1024.0 * 1024.0),
        Some('T') => (trimmed.strip_suffix('T'), 1024.0 * 1024.0 * 1024.0 * 1024.0),
        _ => (Some(trimmed), 1.0),
    };
    let digits = digits.unwrap_or_default();
    // `inf`, `nan` and `1e9` are numbers to Rust, not to a person.
    let is_plain = !digits.is_empty()
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    let number: f64 = match is_plain {
        true => digits.parse().map_err(|_| wrong())?,
        false => return Err(wrong()),
    };
    Ok(number * factor)
}

/// Reads what `is` says: `"< 4G"`, `"!= x"`, or a pattern.
pub fn expectation(text: &str) -> Result<Expectation, ValueError> {
    let trimmed = text.trim();
    if let Some(other) = trimmed.strip_prefix("!=") {
        return match other.trim() {
            "" => Err(ValueError::NothingAfterNot),
            other => Ok(Expectation::Not(other.to_owned())),
        };
    }
    let comparisons = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::More),
    ];
    for (sign, comparison) in comparisons {
        if let Some(other) = trimmed.strip_prefix(sign) {
            let number = number(other)?;
            return Ok(Expectation::Compare(comparison, Number(number.to_bits())));
        }
    }
    Ok(Expectation::Like(Pattern::parse(trimmed)?))
}

/// Reads a drift: a number, a share, or `"any"`.
pub fn drift(text: &str) -> Result<Drift, ValueError> {
    let wrong = |_| ValueError::Drift(text.to_owned());
    let trimmed = text.trim();
    let (drift, value) = match trimmed.strip_suffix('%') {
        _ if trimmed == "any" => return Ok(Drift::Any),
        Some(share) => {
            let share = number(share).map_err(wrong)? / 100.0;
            (Drift::Share(share), share)
        }
        None => {
            let number = number(trimmed).map_err(wrong)?;
            (Drift::Number(number), number)
        }
    };
    match value >= 0.0 {
        true => Ok(drift),
        false => Err(ValueError::Drift(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        for wrong in ["", "30", "s", "30 s", "-1s", "1w", "1.5h", "３０s"] {
            assert_eq!(duration(wrong), Err(ValueError::Duration(wrong.to_owned())));
        }
        for wrong in ["0s", "999999d", "99999999999999999d"] {
            assert_eq!(
                duration(wrong),
                Err(ValueError::DurationBounds(wrong.to_owned()))
            );
        }
    }

    #[test]
    fn sizes_have_powers_of_1024() {
        assert_eq!(number("4G"), Ok(4_294_967_296.0));
        assert_eq!(number(" 1.5k"), Ok(1536.0));
        assert_eq!(number("-3"), Ok(-3.0));
        for wrong in ["", "k", "inf", "nan", "1e9", "1P", "0x10"] {
            assert_eq!(number(wrong), Err(ValueError::Number(wrong.to_owned())));
        }
    }

    #[test]
    fn expectations_compare_or_fit() {
        let compare = |comparison, number: f64| {
            Ok(Expectation::Compare(comparison, Number(number.to_bits())))
        };
        assert_eq!(expectation("< 4k"), compare(Comparison::Less, 4096.0));
        assert_eq!(expectation(">=1"), compare(Comparison::AtLeast, 1.0));
        assert_eq!(expectation("!= x"), Ok(Expectation::Not("x".to_owned())));
        assert_eq!(expectation("!="), Err(ValueError::NothingAfterNot));
        assert_eq!(expectation("< x"), Err(ValueError::Number("x".to_owned())));
        assert_eq!(
            expectation("0"),
            Ok(Expectation::Like(Pattern::parse("0").unwrap()))
        );
    }

    #[test]
    fn drift_is_a_number_a_share_or_anything() {
        assert_eq!(drift("0"), Ok(Drift::Number(0.0)));
        assert_eq!(drift("5%"), Ok(Drift::Share(0.05)));
        assert_eq!(drift("any"), Ok(Drift::Any));
        for wrong in ["", "-1", "-5%", "%", "a few"] {
            assert_eq!(drift(wrong), Err(ValueError::Drift(wrong.to_owned())));
        }
    }
}
