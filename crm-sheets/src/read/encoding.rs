//! From bytes to text.
//!
//! Invariant: a byte that the encoding does not have is an error, never a substitute.

use std::borrow::Cow;

use crate::error::SheetError;

/// How the text of a CSV file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without its mark at the beginning.
    #[default]
    Utf8,
    /// Windows-1251, in which older programs write Cyrillic. It is never guessed: almost any bytes are valid in it.
    Windows1251,
}

/// The characters of the bytes 0x80 to 0xBF; 0x98 has none.
const UPPER: &str = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{fffd}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї";

pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, SheetError> {
    match encoding {
        Encoding::Utf8 => utf8(bytes).map(Cow::Borrowed),
        Encoding::Windows1251 => windows_1251(bytes).map(Cow::Owned),
    }
}

fn line_of(bytes: &[u8], at: usize) -> u64 {
    let before = bytes.get(..at).unwrap_or(bytes);
    super::ordinal(before.iter().filter(|byte| **byte == b'\n').count())
}

fn utf8(bytes: &[u8]) -> Result<&str, SheetError> {
    let refuse = |at, why: &str| SheetError::Encoding {
        row: line_of(bytes, at),
        encoding: "UTF-8",
        why: why.to_owned(),
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refuse(0, "it begins as UTF-16 does; save it as UTF-8"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refuse(error.valid_up_to(), "a byte that no text has; the encoding may be another")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn windows_1251(bytes: &[u8]) -> Result<String, SheetError> {
    let upper: Vec<char> = UPPER.chars().collect();
    let read = |(at, byte): (usize, &u8)| {
        let found = match byte {
            0..0x80 => Some(char::from(*byte)),
            0x80..0xc0 => upper.get(usize::from(byte - 0x80)).copied().filter(|found| *found != '\u{fffd}'),
            0xc0.. => char::from_u32(0x410 + u32::from(byte - 0xc0)),
        };
        found.ok_or_else(|| SheetError::Encoding {
            row: line_of(bytes, at),
            encoding: "Windows-1251",
            why: format!("the byte {byte:#04x}, which it does not have"),
        })
    };
    bytes.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyrillic_of_older_programs() {
        let bytes = [0xc0, 0xff, 0xa8, 0xb8, 0xb9, 0x41, 0xe0, 0x88, 0xbf];
        assert_eq!(decode(&bytes, Encoding::Windows1251).unwrap(), "АяЁё№Aа€ї");
        assert!(matches!(
            decode(&[b'a', b'\n', 0x98], Encoding::Windows1251),
            Err(SheetError::Encoding { row: 2, .. })
        ));
        assert_eq!(UPPER.chars().count(), 64);
    }

    #[test]
    fn utf_8_with_and_without_its_mark() {
        assert_eq!(decode("\u{feff}имя".as_bytes(), Encoding::Utf8).unwrap(), "имя");
        assert_eq!(decode("имя".as_bytes(), Encoding::Utf8).unwrap(), "имя");
        assert!(matches!(
            decode(b"a\nb\n\xc0\xc1", Encoding::Utf8),
            Err(SheetError::Encoding { row: 3, encoding: "UTF-8", .. })
        ));
        assert!(decode(&[0xff, 0xfe, b'a', 0], Encoding::Utf8).unwrap_err().to_string().contains("UTF-16"));
    }
}
