//! Passwords and their hashes: argon2id, and bcrypt for what was made elsewhere.
//!
//! Hashing works on the calling thread for as long as its cost says (some tens of milliseconds by default). A host whose
//! executor must not wait that long calls from a thread for blocking work.
//!
//! Invariant: a password is answered for with the cost of a hash, whether there is one to compare with or not.

use std::fmt;
use std::hint::black_box;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use crm_core::value::Problem;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What bcrypt looks at; what follows, it would pass over.
const MOST_BYTES_OF_BCRYPT: usize = 72;
/// A hash of a higher cost would keep a log-in busy for seconds.
const HIGHEST_COST_OF_BCRYPT: u32 = 16;
/// The same for hashes of argon2id that were made elsewhere.
const HIGHEST_COST: Cost = Cost { memory_kib: 1 << 20, passes: 64, lanes: 64 };

/// What a hash of argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How often it is gone through.
    pub passes: u32,
    /// How many parts of it are worked on independently.
    pub lanes: u32,
}

impl Default for Cost {
    /// What OWASP recommends as the least: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

impl Cost {
    /// The cheapest there is: for tests only.
    #[must_use]
    pub const fn for_tests() -> Self {
        Self { memory_kib: 8, passes: 1, lanes: 1 }
    }

    fn argon2(self) -> Result<Argon2<'static>, Error> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)
            .map_err(|_| Error::field("cost", Problem::out_of_range("a cost that argon2id has")))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    fn of(hash: &PasswordHash) -> Option<Self> {
        let params = Params::try_from(hash).ok()?;
        let (memory_kib, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        Some(Self { memory_kib, passes, lanes })
    }

    fn is_within(self, most: Self) -> bool {
        self.memory_kib <= most.memory_kib && self.passes <= most.passes && self.lanes <= most.lanes
    }
}

/// The hash of a password: argon2id in the PHC form, or bcrypt (`$2a$`, `$2b$`, `$2y$`).
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(String);

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Hash(..)")
    }
}

impl Hash {
    /// Reads a hash.
    ///
    /// # Errors
    /// It is of neither kind, or costs more than a log-in may (bcrypt: 16; argon2id: 1 GiB, 64 passes, 64 lanes).
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let known = match text.strip_prefix("$argon2id$") {
            Some(_) => {
                let cost = PasswordHash::new(text).ok().and_then(|hash| {
                    let is_whole = hash.salt.is_some() && hash.hash.is_some();
                    Cost::of(&hash).filter(|_| is_whole)
                });
                cost.is_some_and(|cost| cost.is_within(HIGHEST_COST))
            }
            None => is_bcrypt(text) && bcrypt_cost(text).is_some_and(|cost| cost <= HIGHEST_COST_OF_BCRYPT),
        };
        if known {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::malformed("a hash of argon2id or bcrypt"))
        }
    }

    /// The text, as a store keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a store has kept. A text that is no hash fits no password.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }
}

fn is_bcrypt(text: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix))
}

fn bcrypt_cost(text: &str) -> Option<u32> {
    text.parse::<bcrypt::HashParts>().ok().map(|parts| parts.get_cost())
}

/// Makes hashes of one cost, and compares with those of any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passwords {
    pub(crate) cost: Cost,
}

impl Passwords {
    pub(crate) fn hash(&self, password: &str, salt: [u8; 32]) -> Result<Hash, Error> {
        let salt = salt.first_chunk::<16>().ok_or(Error::Internal("a salt of 16 bytes"))?;
        let hash = self.cost.argon2()?.hash_password_with_salt(password.as_bytes(), salt);
        hash.map(|hash| Hash(hash.to_string())).map_err(|_| Error::Internal("hashing a password"))
    }

    /// Is this the password? What cannot be compared costs what a comparison does.
    pub(crate) fn fits(&self, hash: &Hash, password: &str) -> bool {
        if !is_bcrypt(&hash.0) {
            let Ok(kept) = PasswordHash::new(&hash.0) else { return self.fits_nobody(password) };
            return Argon2::default().verify_password(password.as_bytes(), &kept).is_ok();
        }
        // Bcrypt would accept whatever follows the 72nd byte, and the better hash would then be one of that.
        if password.len() > MOST_BYTES_OF_BCRYPT {
            return self.fits_nobody(password);
        }
        bcrypt::verify(password, &hash.0).unwrap_or(false)
    }

    /// The answer where there is no account: it takes as long as where there is one.
    pub(crate) fn fits_nobody(&self, password: &str) -> bool {
        let _ = black_box(self.hash(black_box(password), [0; 32]));
        false
    }

    /// Is it a hash that a new one should take the place of?
    pub(crate) fn is_outdated(&self, hash: &Hash) -> bool {
        let cost = PasswordHash::new(&hash.0).ok().and_then(|hash| Cost::of(&hash));
        !hash.0.starts_with("$argon2id$") || cost != Some(self.cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Passwords = Passwords { cost: Cost::for_tests() };
    const SALT: [u8; 16] = [7; 16];

    fn bcrypt(password: &str) -> Hash {
        Hash::parse(&bcrypt::hash_with_salt(password, 4, SALT).unwrap().to_string()).unwrap()
    }

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        for hash in [CHEAP.hash("correct horse", [1; 32]).unwrap(), bcrypt("correct horse")] {
            assert_eq!(Hash::parse(hash.as_str()).unwrap(), hash);
            assert!(CHEAP.fits(&hash, "correct horse"));
            for other in ["", "correct hors", "correct horse ", "Correct horse"] {
                assert!(!CHEAP.fits(&hash, other), "{other}");
            }
        }
        assert!(!CHEAP.fits(&Hash::kept("plain".to_owned()), "plain"));
    }

    #[test]
    fn hashes_that_others_made_are_known() {
        for (hash, password) in [
            // From the tests of the reference implementations.
            (
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "password",
            ),
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        ] {
            let hash = Hash::parse(hash).unwrap();
            assert!(CHEAP.fits(&hash, password));
            assert!(!CHEAP.fits(&hash, &format!("{password}*")));
            assert!(CHEAP.is_outdated(&hash));
        }
        for text in [
            "",
            "plain",
            "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2b$05$short",
            "$argon2id$v=19$m=8,t=1,p=1",
            "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
            "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
            "$1$salt$hash",
        ] {
            assert_eq!(Hash::parse(text), Err(Problem::malformed("a hash of argon2id or bcrypt")), "{text}");
        }
    }

    #[test]
    fn bcrypt_ends_at_72_bytes_and_nothing_may_follow() {
        let full = "я".repeat(36);
        let hash = bcrypt(&full);
        assert!(CHEAP.fits(&hash, &full));
        assert!(!CHEAP.fits(&hash, &format!("{full}x")));
    }

    #[test]
    fn hashes_of_another_cost_are_outdated() {
        let dearer = Passwords { cost: Cost { passes: 2, ..Cost::for_tests() } };
        let hash = CHEAP.hash("correct horse", [1; 32]).unwrap();
        assert!(!CHEAP.is_outdated(&hash));
        assert!(dearer.is_outdated(&hash) && dearer.fits(&hash, "correct horse"));
        assert!(Passwords { cost: Cost { memory_kib: 0, ..Cost::default() } }.hash("x", [1; 32]).is_err());
        assert_eq!(Cost::default(), Cost { memory_kib: 19_456, passes: 2, lanes: 1 });
    }

    #[test]
    fn debug_output_shows_no_hash() {
        assert_eq!(format!("{:?}", bcrypt("x")), "Hash(..)");
    }
}
