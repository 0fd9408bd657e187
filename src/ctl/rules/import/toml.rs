//! Texts and comments as TOML writes them. Pure.

/// Returns a text as a basic string on one row.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns a comment, a row for each of the text's; nothing for none.
pub(super) fn comment(text: &str) -> String {
    let mut comment = String::new();
    for row in text.lines() {
        let seen = |c: char| if c.is_control() { ' ' } else { c };
        let row: String = row.chars().map(seen).collect();
        comment.push_str(format!("# {row}").trim_end());
        comment.push('\n');
    }
    comment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_as_it_was() {
        let all: String = (0..0x3000_u32).filter_map(char::from_u32).collect();
        let table: toml::Table = format!("x = {}", quoted(&all)).parse().unwrap();
        assert_eq!(table["x"].as_str(), Some(all.as_str()));
    }

    #[test]
    fn a_comment_has_no_signs_that_it_may_not_have() {
        let all: String = (0..0x3000_u32).filter_map(char::from_u32).collect();
        let table: toml::Table = comment(&all).parse().unwrap();
        assert!(table.is_empty());
        assert_eq!(comment("a\nb"), "# a\n# b\n");
        assert_eq!(comment(""), "");
    }
}
