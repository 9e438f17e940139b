//! Access tokens: JSON web tokens, signed with HMAC-SHA-256.
//!
//! There is one header, and a token that has another is refused before anything in it is read: so what a token says of its
//! own algorithm is never asked.
//!
//! Invariant: a token is read only after its signature was found to be of one of the secrets, compared in constant time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_core::value::{Instant, Problem, TimeDelta, UserId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::error::Error;

/// `{"alg":"HS256","typ":"JWT"}`.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// The `typ` of an access token.
const ACCESS: &str = "access";
/// More than any token of this library has.
const MOST_BYTES: usize = 4_096;
const SHORTEST_SECRET: u32 = 32;
const MICROS: i64 = 1_000_000;

/// What access tokens are signed with.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

impl Secret {
    /// A secret of at least 32 bytes, which should be random.
    ///
    /// # Errors
    /// It is shorter.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if bytes.len() < SHORTEST_SECRET as usize {
            return Err(Error::field("secret", Problem::out_of_range("32 bytes or more")));
        }
        Ok(Self(bytes))
    }

    fn mac(&self, signed: &str) -> Result<Hmac<Sha256>, Error> {
        let mac =
            Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| Error::Internal("a key of any length"))?;
        Ok(mac.chain_update(signed.as_bytes()))
    }
}

/// Whom an access token is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Authenticated {
    /// The user.
    pub user: UserId,
    /// The version of the credentials with which they logged in.
    pub version: u64,
    /// When the token was given.
    pub issued_at: Instant,
    /// From when on it is not valid.
    pub expires_at: Instant,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    iat: i64,
    exp: i64,
    typ: String,
    ver: u64,
}

/// Makes and reads access tokens.
#[derive(Clone, Debug)]
pub(crate) struct AccessTokens {
    pub(crate) issuer: String,
    pub(crate) lifetime: TimeDelta,
    /// The first signs; all are accepted.
    pub(crate) secrets: (Secret, Vec<Secret>),
}

impl AccessTokens {
    /// A token, and from when on it is not valid.
    pub(crate) fn sign(&self, user: UserId, version: u64, now: Instant) -> Result<(String, Instant), Error> {
        let iat = now.unix_micros().div_euclid(MICROS);
        let exp = iat.saturating_add(self.lifetime.num_seconds());
        let claims =
            Claims { iss: self.issuer.clone(), sub: user, iat, exp, typ: ACCESS.to_owned(), ver: version };
        let claims = serde_json::to_vec(&claims).map_err(|_| Error::Internal("writing claims"))?;
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.secrets.0.mac(&signed)?.finalize().into_bytes();
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        Ok((token, at(exp).unwrap_or(Instant::MAX)))
    }

    /// Whom a token is about.
    pub(crate) fn read(&self, token: &str, now: Instant) -> Result<Authenticated, Error> {
        let claims = self.claims(token).ok_or(Error::TokenInvalid)?;
        if claims.typ != ACCESS || claims.iss != self.issuer {
            return Err(Error::TokenInvalid);
        }
        let (issued_at, expires_at) = at(claims.iat).zip(at(claims.exp)).ok_or(Error::TokenInvalid)?;
        if expires_at <= now {
            return Err(Error::TokenExpired);
        }
        Ok(Authenticated { user: claims.sub, version: claims.ver, issued_at, expires_at })
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        if token.len() > MOST_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if header != HEADER {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let is_of =
            |secret: &Secret| secret.mac(signed).is_ok_and(|mac| mac.verify_slice(&signature).is_ok());
        let (first, older) = &self.secrets;
        if !is_of(first) && !older.iter().any(is_of) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn at(seconds: i64) -> Option<Instant> {
    Instant::from_unix_micros(seconds.checked_mul(MICROS)?)
}

#[cfg(test)]
mod tests {
    use crm_core::value::Uuid;

    use super::*;

    const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));

    fn secret(text: &str) -> Secret {
        Secret::new(text.repeat(32)).unwrap()
    }

    fn tokens(first: &str, older: &[&str]) -> AccessTokens {
        let older = older.iter().map(|text| secret(text)).collect();
        AccessTokens {
            issuer: "crm".to_owned(),
            lifetime: TimeDelta::minutes(15),
            secrets: (secret(first), older),
        }
    }

    fn now() -> Instant {
        "2026-03-01T09:00:00.250Z".parse().unwrap()
    }

    /// A token with these parts, signed as they are.
    fn forged(header: &str, claims: &serde_json::Value) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(header), part(&claims.to_string()));
        let signature = secret("a").mac(&signed).unwrap().finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn claims() -> serde_json::Value {
        let iat = now().unix_micros() / MICROS;
        serde_json::json!({ "iss": "crm", "sub": ADA, "iat": iat, "exp": iat + 900, "typ": "access", "ver": 3 })
    }

    const TRUE_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[test]
    fn a_token_says_whom_it_is_about_until_its_time_is_over() {
        let access = tokens("a", &[]);
        let (token, expires_at) = access.sign(ADA, 3, now()).unwrap();
        assert_eq!(expires_at.to_string(), "2026-03-01T09:15:00Z");
        let read = access.read(&token, now()).unwrap();
        assert_eq!((read.user, read.version, read.expires_at), (ADA, 3, expires_at));
        let before = expires_at.checked_add(TimeDelta::microseconds(-1)).unwrap();
        assert!(access.read(&token, before).is_ok());
        assert!(matches!(access.read(&token, expires_at), Err(Error::TokenExpired)));
        assert_eq!(forged(TRUE_HEADER, &claims()), forged(TRUE_HEADER, &claims()));
        assert!(access.read(&forged(TRUE_HEADER, &claims()), now()).is_ok());
    }

    #[test]
    fn the_signature_is_that_of_rfc_7515() {
        // Appendix A.1: the key, what is signed, and the signature.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0d\
                      HA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let secret = Secret::new(URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
        let signature = secret.mac(signed).unwrap().finalize().into_bytes();
        assert_eq!(URL_SAFE_NO_PAD.encode(signature), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(URL_SAFE_NO_PAD.decode(HEADER).unwrap(), TRUE_HEADER.as_bytes());
    }

    #[test]
    fn what_a_token_says_of_its_algorithm_is_never_asked() {
        let access = tokens("a", &[]);
        for header in [
            r#"{"alg":"none","typ":"JWT"}"#,
            r#"{"alg":"HS512","typ":"JWT"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"typ":"JWT","alg":"HS256"}"#,
            "",
        ] {
            assert!(
                matches!(access.read(&forged(header, &claims()), now()), Err(Error::TokenInvalid)),
                "{header}"
            );
        }
        let (token, _) = access.sign(ADA, 1, now()).unwrap();
        let (unsigned, signature) = token.rsplit_once('.').unwrap();
        let short = signature.get(..21).unwrap();
        for text in [
            unsigned.to_owned(),
            format!("{unsigned}."),
            format!("{unsigned}.{short}"),
            format!("{token}="),
            format!("{token}."),
            format!(".{token}"),
            format!(" {token}"),
            String::new(),
            "a".repeat(MOST_BYTES + 1),
        ] {
            assert!(matches!(access.read(&text, now()), Err(Error::TokenInvalid)), "{text}");
        }
    }

    #[test]
    fn no_bit_of_a_token_can_be_changed() {
        let access = tokens("a", &[]);
        let (token, _) = access.sign(ADA, 1, now()).unwrap();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            assert!(matches!(access.read(&text, now()), Err(Error::TokenInvalid)), "{text}");
        }
    }

    #[test]
    fn every_claim_must_be_there_and_right() {
        let access = tokens("a", &[]);
        for (claim, value) in [
            ("iss", serde_json::json!("other")),
            ("sub", serde_json::json!("ada")),
            ("typ", serde_json::json!("refresh")),
            ("ver", serde_json::json!(-1)),
            ("exp", serde_json::json!(i64::MAX)),
            ("exp", serde_json::json!("tomorrow")),
        ] {
            let mut changed = claims();
            changed[claim] = value;
            assert!(matches!(access.read(&forged(TRUE_HEADER, &changed), now()), Err(Error::TokenInvalid)));
            changed.as_object_mut().unwrap().remove(claim);
            assert!(matches!(access.read(&forged(TRUE_HEADER, &changed), now()), Err(Error::TokenInvalid)));
        }
    }

    #[test]
    fn older_secrets_are_accepted_and_sign_nothing() {
        let (old, both, new) = (tokens("a", &[]), tokens("b", &["x", "a"]), tokens("b", &[]));
        let (token, _) = old.sign(ADA, 1, now()).unwrap();
        assert!(both.read(&token, now()).is_ok());
        assert!(matches!(new.read(&token, now()), Err(Error::TokenInvalid)));
        let (token, _) = both.sign(ADA, 1, now()).unwrap();
        assert!(new.read(&token, now()).is_ok());
        assert!(matches!(old.read(&token, now()), Err(Error::TokenInvalid)));
    }

    #[test]
    fn short_secrets_are_refused_and_none_is_shown() {
        assert_eq!(
            Secret::new("a".repeat(31)).unwrap_err().to_string(),
            "`secret`: must be 32 bytes or more"
        );
        assert_eq!(format!("{:?}", secret("a")), "Secret(..)");
        assert!(!format!("{:?}", tokens("a", &["b"])).contains("97"));
    }
}
