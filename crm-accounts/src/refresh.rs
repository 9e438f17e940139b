//! Refresh tokens: what a host's program keeps to stay logged in.
//!
//! A token is two secrets of 256 bits: that of its family, which is one log-in, and that of its turn, which is new at each
//! use. A store keeps the digest of the family's and of the latest turn's. So a token that was used before is known for
//! what it is, however long ago that was, and nobody can make one up that would revoke a family.
//!
//! Invariant: a store never sees a secret, and no two forms of text are the same token.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// The SHA-256 of a secret: what a store keeps of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    fn of(secret: &[u8; 32]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The digest in 64 hexadecimal digits, as a store keeps it.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what [`Digest::hex`] wrote.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> =
            pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
        if rest.is_empty() { bytes?.try_into().ok().map(Self) } else { None }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Digest(..)")
    }
}

/// A refresh token.
#[derive(Clone, Copy)]
pub(crate) struct Refresh {
    family: [u8; 32],
    turn: [u8; 32],
}

impl Refresh {
    /// The first token of a family.
    pub(crate) fn first(family: [u8; 32], turn: [u8; 32]) -> Self {
        Self { family, turn }
    }

    /// The token after this one.
    pub(crate) fn next(self, turn: [u8; 32]) -> Self {
        Self { turn, ..self }
    }

    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 66];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok();
        let bytes = length.filter(|length| *length == 64).and_then(|_| bytes.first_chunk::<64>());
        let (family, turn) = bytes.and_then(|bytes| bytes.split_first_chunk()).ok_or(Error::TokenInvalid)?;
        let turn = turn.try_into().map_err(|_| Error::TokenInvalid)?;
        Ok(Self { family: *family, turn })
    }

    pub(crate) fn text(self) -> String {
        URL_SAFE_NO_PAD.encode([self.family, self.turn].concat())
    }

    pub(crate) fn family(self) -> Digest {
        Digest::of(&self.family)
    }

    pub(crate) fn turn(self) -> Digest {
        Digest::of(&self.turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_form() {
        let token = Refresh::first([1; 32], [2; 32]);
        let text = token.text();
        assert_eq!(text.len(), 86);
        let read = Refresh::read(&text).unwrap();
        assert_eq!((read.family(), read.turn()), (token.family(), token.turn()));
        assert_eq!(token.next([3; 32]).family(), token.family());
        assert_ne!(token.next([3; 32]).turn(), token.turn());
        let (all_but_last, last) = text.split_at(85);
        assert_eq!(last, "g");
        for other in [
            String::new(),
            all_but_last.to_owned(),
            format!("{all_but_last}h"),
            format!("{text}=="),
            format!("{text}A"),
            format!("{text}AA"),
            format!(" {text}"),
            text.replace('A', "+"),
            "A".repeat(10_000),
        ] {
            assert!(matches!(Refresh::read(&other), Err(Error::TokenInvalid)), "{other}");
        }
    }

    #[test]
    fn digests_survive_their_text_and_are_not_shown() {
        let digest = Digest::of(&[7; 32]);
        assert_eq!(Digest::from_hex(&digest.hex()), Some(digest));
        for text in ["", "0", "zz", &"a".repeat(63), &"a".repeat(66), &"é".repeat(32)] {
            assert_eq!(Digest::from_hex(text), None);
        }
        assert_eq!(format!("{digest:?}"), "Digest(..)");
    }
}
