//! Signatures of webhooks: who sent these bytes.
//!
//! All of it is over the raw body, before anything is read from it. A host takes the header and the bytes as they came.
//!
//! ```
//! use crm_core::webhook;
//!
//! let body = br#"{"leads":[]}"#;
//! let signature = webhook::sign(b"secret", body)?;
//! webhook::verify(&[b"secret"], body, Some(&signature))?;
//! assert!(webhook::verify(&[b"secret"], br#"{"leads":[1]}"#, Some(&signature)).is_err());
//! # Ok::<(), webhook::Refusal>(())
//! ```
//!
//! Invariant: an empty secret verifies nothing, and signatures are compared in constant time.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::value::Instant;

/// The usual name of the header with the signature.
pub const SIGNATURE_HEADER: &str = "X-Webhook-Signature";
/// The usual name of the header with the timestamp.
pub const TIMESTAMP_HEADER: &str = "X-Webhook-Timestamp";
/// How far a timestamp may be off, either way.
pub const TOLERANCE_SECONDS: i64 = 300;

const MICROS: i64 = 1_000_000;
const SIGNATURE_BYTES: usize = 32;

/// Why a webhook was refused: 401 for all but the first, which is the host's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no secret, or it is empty.
    #[error("there is no secret to check signatures with")]
    NoSecret,
    /// The signature is missing.
    #[error("the signature is missing")]
    MissingSignature,
    /// The timestamp is missing.
    #[error("the timestamp is missing")]
    MissingTimestamp,
    /// The timestamp is not the number of seconds since 1970.
    #[error("the timestamp is not a number of seconds")]
    MalformedTimestamp,
    /// The timestamp is too far from the time now.
    #[error("the timestamp is too far from the time now")]
    OutsideTolerance,
    /// The signature is of other bytes or of another secret.
    #[error("the signature does not fit")]
    Mismatch,
}

/// Signs a body: lower-case hexadecimal HMAC-SHA-256.
///
/// # Errors
/// The secret is empty.
pub fn sign(secret: &[u8], body: &[u8]) -> Result<String, Refusal> {
    Ok(hexadecimal(&keyed(secret)?.chain_update(body).finalize().into_bytes()))
}

/// Verifies the signature of a body. Two secrets may be good at once, while one replaces the other; empty ones are not.
///
/// # Errors
/// It does not fit, is missing, or there is no secret.
pub fn verify(secrets: &[&[u8]], body: &[u8], signature: Option<&str>) -> Result<(), Refusal> {
    check(secrets, &[body], signature)
}

/// Signs a body with the time: the signed bytes are the timestamp's text, a full stop, and the body.
///
/// # Errors
/// The secret is empty.
pub fn sign_at(secret: &[u8], timestamp: &str, body: &[u8]) -> Result<String, Refusal> {
    let mac = keyed(secret)?.chain_update(timestamp.as_bytes()).chain_update(b".").chain_update(body);
    Ok(hexadecimal(&mac.finalize().into_bytes()))
}

/// Verifies the signature of a body with its timestamp, which must be within [`TOLERANCE_SECONDS`] of now. The same bytes
/// sent twice within that time are caught by the inbox.
///
/// # Errors
/// The signature does not fit, one of the two is missing, the time is off, or there is no secret.
pub fn verify_at(
    secrets: &[&[u8]],
    body: &[u8],
    timestamp: Option<&str>,
    signature: Option<&str>,
    now: Instant,
) -> Result<(), Refusal> {
    let timestamp = timestamp.ok_or(Refusal::MissingTimestamp)?;
    check(secrets, &[timestamp.as_bytes(), b".", body], signature)?;
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: Option<i64> = timestamp.parse().ok().filter(|_| digits);
    let seconds = seconds.ok_or(Refusal::MalformedTimestamp)?;
    let micros = seconds.checked_mul(MICROS).ok_or(Refusal::OutsideTolerance)?;
    let off = now.unix_micros().checked_sub(micros).ok_or(Refusal::OutsideTolerance)?;
    if off.unsigned_abs() > (TOLERANCE_SECONDS * MICROS).unsigned_abs() {
        return Err(Refusal::OutsideTolerance);
    }
    Ok(())
}

/// A scheme that does not sign the body: whoever saw one request can send any other. It is for moving away from, and for
/// nothing else.
pub mod weak {
    use super::{Refusal, check, hexadecimal, keyed};
    use hmac::Mac as _;

    /// The header with the signature.
    pub const SIGNATURE_HEADER: &str = "X-Signature";
    /// The header with the client's id.
    pub const CLIENT_HEADER: &str = "X-Client-UUID";
    /// The header with the account.
    pub const ACCOUNT_HEADER: &str = "X-Account-ID";

    /// Signs who sends: the client's id, a bar, the account. The body is not signed.
    ///
    /// # Errors
    /// The secret is empty.
    pub fn sign(secret: &[u8], client: &str, account: &str) -> Result<String, Refusal> {
        let mac = keyed(secret)?.chain_update(client).chain_update(b"|").chain_update(account);
        Ok(hexadecimal(&mac.finalize().into_bytes()))
    }

    /// Verifies who sends. It says nothing of the body.
    ///
    /// # Errors
    /// The signature does not fit, is missing, or there is no secret.
    pub fn verify(
        secrets: &[&[u8]],
        client: &str,
        account: &str,
        signature: Option<&str>,
    ) -> Result<(), Refusal> {
        check(secrets, &[client.as_bytes(), b"|", account.as_bytes()], signature)
    }
}

fn keyed(secret: &[u8]) -> Result<Hmac<Sha256>, Refusal> {
    if secret.is_empty() {
        return Err(Refusal::NoSecret);
    }
    Hmac::<Sha256>::new_from_slice(secret).map_err(|_| Refusal::NoSecret)
}

/// Verifies with each secret, always all of them, so that the time does not tell which one it was.
fn check(secrets: &[&[u8]], parts: &[&[u8]], signature: Option<&str>) -> Result<(), Refusal> {
    let keys: Vec<_> = secrets.iter().filter_map(|secret| keyed(secret).ok()).collect();
    if keys.is_empty() {
        return Err(Refusal::NoSecret);
    }
    let sent = signature.filter(|text| !text.is_empty()).ok_or(Refusal::MissingSignature)?;
    let sent = bytes(sent).ok_or(Refusal::Mismatch)?;
    let fits = keys.into_iter().fold(false, |fits, key| {
        let mac = parts.iter().fold(key, hmac::Mac::chain_update);
        fits | mac.verify_slice(&sent).is_ok()
    });
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a signature: lower-case hexadecimal, and no other spelling.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != SIGNATURE_BYTES || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second test case of RFC 4231.
    const JEFE: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn known_answers() {
        let what: &[u8] = b"what do ya want for nothing?";
        assert_eq!(sign(b"Jefe", what).unwrap(), JEFE);
        assert_eq!(verify(&[b"Jefe"], what, Some(JEFE)), Ok(()));
        let first = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(sign(&[0x0b; 20], b"Hi There").unwrap(), first);
        let with_time = sign(b"key", b"1700000000.{}").unwrap();
        assert_eq!(sign_at(b"key", "1700000000", b"{}").unwrap(), with_time, "time, full stop, body");
        assert_eq!(weak::sign(b"key", "client", "7").unwrap(), sign(b"key", b"client|7").unwrap());
    }

    #[test]
    fn only_the_signature_of_these_bytes_fits() {
        let body: &[u8] = b"{\"a\": 1}";
        let good = sign(b"secret", body).unwrap();
        let upper = good.to_uppercase();
        let (other, short, long) = (sign(b"other", body).unwrap(), &good[..62], format!("{good}00"));
        let space = format!(" {good}");
        for (secrets, body, signature, wanted) in [
            (&[b"secret".as_slice()][..], body, Some(good.as_str()), Ok(())),
            (&[b"secret"], b"{\"a\":1}", Some(&good), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some(&other), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some(&upper), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some(short), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some(&long), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some(&space), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some("не подпись"), Err(Refusal::Mismatch)),
            (&[b"secret"], body, Some(""), Err(Refusal::MissingSignature)),
            (&[b"secret"], body, None, Err(Refusal::MissingSignature)),
            (&[b"new", b"secret"], body, Some(&good), Ok(())),
            (&[b"secret", b"old"], body, Some(&good), Ok(())),
            (&[b"new", b"old"], body, Some(&good), Err(Refusal::Mismatch)),
            (&[], body, Some(&good), Err(Refusal::NoSecret)),
            (&[b""], body, Some(&good), Err(Refusal::NoSecret)),
            (&[b"", b"secret"], body, Some(&good), Ok(())),
        ] {
            assert_eq!(verify(secrets, body, signature), wanted, "{secrets:?} {signature:?}");
        }
    }

    #[test]
    fn an_empty_secret_signs_and_verifies_nothing() {
        assert_eq!(sign(b"", b"x"), Err(Refusal::NoSecret));
        assert_eq!(sign_at(b"", "1", b"x"), Err(Refusal::NoSecret));
        assert_eq!(weak::sign(b"", "c", "a"), Err(Refusal::NoSecret));
        let of_empty_key = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        assert_eq!(verify(&[b""], b"", Some(of_empty_key)), Err(Refusal::NoSecret), "it would fit");
    }

    #[test]
    fn a_timestamp_is_signed_and_near() {
        let (body, now): (&[u8], _) = (b"{}", Instant::from_unix_micros(1_700_000_000 * MICROS).unwrap());
        let sent = |text: &str| {
            let signature = sign_at(b"secret", text, body).unwrap();
            verify_at(&[b"old", b"secret"], body, Some(text), Some(&signature), now)
        };
        for (text, wanted) in [
            ("1700000000", Ok(())),
            ("1700000300", Ok(())),
            ("1699999700", Ok(())),
            ("1700000301", Err(Refusal::OutsideTolerance)),
            ("1699999699", Err(Refusal::OutsideTolerance)),
            ("9223372036854775807", Err(Refusal::OutsideTolerance)),
            ("92233720368547758070", Err(Refusal::MalformedTimestamp)),
            ("+1700000000", Err(Refusal::MalformedTimestamp)),
            ("-1", Err(Refusal::MalformedTimestamp)),
            (" 1700000000", Err(Refusal::MalformedTimestamp)),
            ("1700000000.0", Err(Refusal::MalformedTimestamp)),
            ("", Err(Refusal::MalformedTimestamp)),
        ] {
            assert_eq!(sent(text), wanted, "{text:?}");
        }
        let good = sign_at(b"secret", "1700000000", body).unwrap();
        let verified = |body, at, signature| verify_at(&[b"secret"], body, at, signature, now);
        assert_eq!(verified(b"{} ", Some("1700000000"), Some(&good)), Err(Refusal::Mismatch));
        assert_eq!(verified(body, Some("1700000001"), Some(&good)), Err(Refusal::Mismatch));
        assert_eq!(verified(body, None, Some(&good)), Err(Refusal::MissingTimestamp));
        assert_eq!(verified(body, Some("1700000000"), None), Err(Refusal::MissingSignature));
        assert_eq!(verify(&[b"secret"], body, Some(&good)), Err(Refusal::Mismatch), "not the plain scheme");
    }

    #[test]
    fn the_weak_scheme_knows_the_sender_only() {
        let signature = weak::sign(b"secret", "client", "7").unwrap();
        assert_eq!(weak::verify(&[b"secret"], "client", "7", Some(&signature)), Ok(()));
        for (client, account) in [("client", "8"), ("other", "7"), ("client|7", "")] {
            let answer = weak::verify(&[b"secret"], client, account, Some(&signature));
            assert_eq!(answer, Err(Refusal::Mismatch), "{client} {account}");
        }
    }
}
