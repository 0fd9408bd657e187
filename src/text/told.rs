//! Sentences that are told again in Japanese, by their English form. Pure.
//!
//! In: rows of English and Japanese, what varies in braces, and an English sentence. Out: the Japanese
//! of the first row that fits, what varies put in; a sentence that no row fits stays as it is.

/// English and Japanese of a sentence.
pub(super) type Row = (&'static str, &'static str);

/// Sentences within sentences, at most.
const DEPTH: usize = 4;

/// Returns a sentence in Japanese, and within it what varies under a name that `is_within`.
pub(super) fn japanese(rows: &[&[Row]], english: &str, is_within: fn(&str) -> bool) -> String {
    nested(rows, english, is_within, DEPTH)
}

/// Returns a sentence in Japanese, at most so deep.
fn nested(rows: &[&[Row]], english: &str, is_within: fn(&str) -> bool, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else {
        return english.to_owned();
    };
    let found = rows
        .iter()
        .flat_map(|rows| rows.iter())
        .find_map(|(form, told)| Some((*told, filled(form, english)?)));
    let Some((told, values)) = found else {
        return english.to_owned();
    };
    let mut text = String::new();
    let mut rest = told;
    while let Some((before, name, after)) = placeholder(rest) {
        text.push_str(before);
        let value = values.iter().find(|(known, _)| *known == name);
        let value = value.map(|(_, value)| match is_within(name) {
            true => nested(rows, value, is_within, depth),
            false => (*value).to_owned(),
        });
        text.push_str(&value.unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    text
}

/// Returns what stands for each placeholder of a form in a text; `None` where it has another form.
fn filled<'f, 't>(form: &'f str, text: &'t str) -> Option<Vec<(&'f str, &'t str)>> {
    let mut values = Vec::new();
    let (mut form, mut text) = (form, text);
    while let Some((before, name, after)) = placeholder(form) {
        text = text.strip_prefix(before)?;
        let literal = placeholder(after).map_or(after, |(literal, _, _)| literal);
        let end = match literal {
            "" => text.len(),
            literal if after == literal => {
                text.len() - text.ends_with(literal).then_some(literal)?.len()
            }
            literal => text.find(literal)?,
        };
        let (value, rest) = text.split_at_checked(end)?;
        if value.is_empty() {
            return None;
        }
        values.push((name, value));
        (form, text) = (after, rest);
    }
    (form == text).then_some(values)
}

/// Splits at the first placeholder: what stands before it, its name, what stands behind it.
pub(super) fn placeholder(form: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = form.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}
