//! What a program prints, as far as its words alone tell: `echo`, `printf` and a few more.

use super::ansi::{self, Octal};
use super::blanks::join;
use super::{Fed, Piece, Span, Word};

/// Returns what the call of `name` prints; not known for most.
pub(super) fn of(name: &str, args: &[Word], fed: &Fed) -> Fed {
    match name {
        "echo" => echo(args),
        "printf" => printf(args),
        "which" => located(args),
        "command" | "type" => match args.split_first() {
            Some((option, rest))
                if matches!(option.known().as_deref(), Some("-v" | "-p" | "-P")) =>
            {
                located(rest)
            }
            _ => Fed::Unknown,
        },
        "tee" => fed.clone(),
        "base64" => base64(args, fed),
        "true" | "false" | ":" | "cd" | "export" | "set" | "sleep" => Fed::Text(Word::default()),
        _ => Fed::Unknown,
    }
}

/// Returns two outputs one after the other.
pub(super) fn concat(first: Fed, second: Fed) -> Fed {
    match (first, second) {
        (Fed::Text(mut first), Fed::Text(second)) => {
            if first.pieces.is_empty() {
                return Fed::Text(second);
            }
            first.span = match second.pieces.is_empty() {
                true => first.span,
                false => first.span.to(second.span),
            };
            first.pieces.extend(second.pieces);
            first.lossy |= second.lossy;
            Fed::Text(first)
        }
        (Fed::Unknown, Fed::Text(text)) if !text.pieces.is_empty() => {
            concat(Fed::Text(unknown_rows(text.span)), Fed::Text(text))
        }
        (Fed::Text(text), Fed::Unknown) if !text.pieces.is_empty() => {
            let rows = unknown_rows(Span::new(text.span.end, text.span.end));
            concat(Fed::Text(text), Fed::Text(rows))
        }
        _ => Fed::Unknown,
    }
}

/// Returns output of which only that it ends with a newline is taken as known: what is printed
/// after it begins a row.
fn unknown_rows(span: Span) -> Word {
    let mut word = Word::unknown(Span::new(span.start, span.start));
    end_line(&mut word);
    word
}

/// Returns what `echo` prints.
fn echo(args: &[Word]) -> Fed {
    let is_option = |word: &&Word| {
        let text = word.known().unwrap_or_default();
        text.strip_prefix('-').is_some_and(|letters| {
            !letters.is_empty() && letters.bytes().all(|b| b"neE".contains(&b))
        })
    };
    let n_options = args.iter().take_while(is_option).count();
    let (options, rest) = args.split_at(n_options);
    let has = |letter: char| options.iter().any(|word| word.beginning().contains(letter));
    let mut word = join(rest);
    if has('e') {
        word = decoded(&word, Octal::AfterZero);
    }
    if !has('n') {
        end_line(&mut word);
    }
    Fed::Text(word)
}

/// Adds a newline.
fn end_line(word: &mut Word) {
    word.pieces.push(Piece::Text {
        text: "\n".to_owned(),
        span: Span::new(word.span.end, word.span.end),
        quoted: true,
    });
}

/// Returns a word with its escapes decoded.
fn decoded(word: &Word, octal: Octal) -> Word {
    let mut pieces = Vec::new();
    for piece in in_one(&word.pieces) {
        match &piece {
            Piece::Text { text, span, .. } if text.contains('\\') => {
                let is_verbatim = text.len() == span.end - span.start;
                let place = |inner: Span| match is_verbatim {
                    true => Span::new(span.start + inner.start, span.start + inner.end),
                    false => *span,
                };
                pieces.extend(ansi::decode(text, octal, place));
            }
            Piece::Text { .. } | Piece::Unknown { .. } => pieces.push(piece),
        }
    }
    Word {
        pieces,
        ..word.clone()
    }
}

/// Returns pieces with known text that follows on itself in one: within double quotes a backslash
/// stands apart from the letter behind it, and both are one escape.
fn in_one(pieces: &[Piece]) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (
                Some(Piece::Text { text, span, quoted }),
                Piece::Text {
                    text: more,
                    span: more_span,
                    quoted: is_quoted,
                },
            ) if text.ends_with('\\') => {
                text.push_str(more);
                *span = span.to(*more_span);
                *quoted |= is_quoted;
            }
            _ => joined.push(piece.clone()),
        }
    }
    joined
}

/// Returns what `printf` prints: its format, `%s` and `%b` filled in, again while arguments are
/// left.
fn printf(args: &[Word]) -> Fed {
    let args = match args.split_first() {
        Some((first, rest)) if first.known().as_deref() == Some("--") => rest,
        _ => args,
    };
    let Some((format, values)) = args.split_first() else {
        return Fed::Unknown;
    };
    if !format.is_known() || format.beginning().starts_with('-') {
        return Fed::Unknown;
    }
    let format = decoded(format, Octal::Plain);
    let text = format.known().unwrap_or_default();
    let mut printed = Word {
        span: format.span,
        ..Word::default()
    };
    let mut values = values.iter();
    loop {
        let n_before = values.len();
        let mut start = 0;
        while let Some(found) = text.get(start..).and_then(|rest| rest.find('%')) {
            let at = start + found;
            printed.pieces.extend(format.part(start, at).pieces);
            start = at + 2;
            match text.as_bytes().get(at + 1) {
                Some(b'%') => printed.pieces.extend(format.part(at, at + 1).pieces),
                Some(b's' | b'd' | b'i' | b'q') => {
                    printed.pieces.extend(
                        values
                            .next()
                            .into_iter()
                            .flat_map(|word| word.pieces.clone()),
                    );
                }
                Some(b'b') => {
                    printed.pieces.extend(
                        values
                            .next()
                            .into_iter()
                            .flat_map(|word| decoded(word, Octal::AfterZero).pieces),
                    );
                }
                _ => return Fed::Unknown,
            }
        }
        printed.pieces.extend(format.tail(start).pieces);
        if values.len() == 0 || values.len() == n_before {
            return Fed::Text(printed);
        }
    }
}

/// Returns the path that `which` prints, as the name that was asked for: its base name is the same.
fn located(names: &[Word]) -> Fed {
    match names {
        [name] if name.is_known() => Fed::Text(name.clone()),
        _ => Fed::Unknown,
    }
}

/// Returns what `base64 -d` prints of known text.
fn base64(args: &[Word], fed: &Fed) -> Fed {
    let decodes = |word: &Word| {
        matches!(
            word.known().as_deref(),
            Some("-d" | "-D" | "--decode" | "-di" | "-id")
        )
    };
    let Fed::Text(word) = fed else {
        return Fed::Unknown;
    };
    let text = word
        .known()
        .filter(|_| !args.is_empty() && args.iter().all(decodes));
    let bytes = text.and_then(|text| decode_base64(&text));
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => Fed::Text(Word::plain(&text, word.span)),
        _ => Fed::Unknown,
    }
}

/// Returns the bytes of base64 text; nothing where it is none.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = ((bits << 6) | u32::from(value)) & 0x00ff_ffff;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from((bits >> n_bits) & 0xff).ok()?);
        }
    }
    Some(bytes)
}
