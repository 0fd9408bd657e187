//! A letter as the body of a webhook's message. Pure.
//!
//! What a person typed must neither call a whole channel nor make a link: it stands in a block of code,
//! which neither Slack nor Mattermost reads, and in Teams in runs of text, which know no markup. Slack
//! besides wants `&`, `<` and `>` written as entities (its page on formatting text for app surfaces);
//! Mattermost takes `text` (its page on incoming webhooks); Teams' workflows take a message with an
//! Adaptive Card (Microsoft's page on webhooks and connectors, the Adaptive Cards schema 1.2).

use serde_json::{Value, json};

use crate::policy::pack::Form;

use super::Letter;

/// Returns the message in a form.
#[must_use]
pub fn message(letter: &Letter, form: Form) -> Value {
    match form {
        Form::Slack => {
            let text = format!("*{}*\n```\n{}\n```", letter.title, in_code(letter));
            let text = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            json!({ "text": text })
        }
        Form::Mattermost => {
            json!({ "text": format!("**{}**\n```\n{}\n```", letter.title, in_code(letter)) })
        }
        Form::Teams => card(letter),
        Form::Json => json!(letter),
    }
}

/// Returns the lines as text.
#[must_use]
pub fn plain(letter: &Letter) -> String {
    let lines = letter.lines.iter();
    let lines: Vec<String> = lines
        .map(|(label, text)| format!("{label}: {text}"))
        .collect();
    lines.join("\n")
}

/// Returns the lines as they stand in a block of code, which only its own mark ends.
fn in_code(letter: &Letter) -> String {
    plain(letter).replace("```", "'''")
}

/// A message with an Adaptive Card.
fn card(letter: &Letter) -> Value {
    let rows = letter.lines.iter().map(|(label, text)| {
        json!({
            "type": "RichTextBlock",
            "inlines": [
                { "type": "TextRun", "text": format!("{label}: "), "weight": "Bolder" },
                { "type": "TextRun", "text": text, "fontType": "Monospace" },
            ],
        })
    });
    let title = json!({
        "type": "TextBlock", "text": letter.title, "weight": "Bolder", "size": "Medium", "wrap": true,
    });
    let body: Vec<Value> = std::iter::once(title).chain(rows).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.2",
                "body": body,
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(line: &str) -> Letter {
        Letter {
            occasion: "cleared",
            host: "web1".to_owned(),
            run: "r1".to_owned(),
            at: "2026-11-27T08:00:00Z".to_owned(),
            person: "ann".to_owned(),
            line: line.to_owned(),
            held: Vec::new(),
            detail: String::new(),
            title: "kanmon: cleared".to_owned(),
            lines: vec![("line".to_owned(), line.to_owned())],
        }
    }

    #[test]
    fn what_was_typed_calls_nobody_and_makes_no_link() {
        let hostile = letter("x ``` <!channel> @here & <http://a|b>");
        let slack = message(&hostile, Form::Slack);
        assert_eq!(
            slack["text"],
            "*kanmon: cleared*\n```\nline: x ''' &lt;!channel&gt; @here &amp; &lt;http://a|b&gt;\n```"
        );
        let mattermost = message(&hostile, Form::Mattermost);
        assert_eq!(
            mattermost["text"],
            "**kanmon: cleared**\n```\nline: x ''' <!channel> @here & <http://a|b>\n```"
        );
        let teams = message(&letter("[a](http://b)"), Form::Teams);
        let card = &teams["attachments"][0]["content"];
        assert_eq!(
            (&card["type"], &card["version"]),
            (&json!("AdaptiveCard"), &json!("1.2"))
        );
        assert_eq!(card["body"][0]["text"], "kanmon: cleared");
        assert_eq!(card["body"][1]["inlines"][1]["text"], "[a](http://b)");
        assert_eq!(message(&letter("x"), Form::Json)["line"], "x");
    }
}
