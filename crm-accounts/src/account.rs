//! An account: who a user of the engine is.
//!
//! Invariant: two accounts have neither the same e-mail address nor the same username, in their normal forms.

use std::fmt;
use std::sync::Arc;

use crm_core::value::{Email, Instant, Line, Problem, UserId, normal};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::password::Hash;
use crate::store::Entry;

/// Somebody who can log in. The id is that of the engine's user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The id.
    pub id: UserId,
    /// The e-mail address, as it was written.
    pub email: Email,
    /// The username, if there is one.
    pub username: Option<Username>,
    /// The name.
    pub name: Line,
    /// May they log in?
    pub active: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When they last logged in.
    pub last_login_at: Option<Instant>,
}

impl fmt::Debug for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Account({})", self.id)
    }
}

/// A name to log in with: 1 to 64 letters, digits, dots, hyphens and underscores. It is never taken for an e-mail address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(Arc<str>);

impl Username {
    const LONGEST: u32 = 64;

    /// Reads a username.
    ///
    /// # Errors
    /// It is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let is_of_name = |char: char| char.is_alphanumeric() || matches!(char, '.' | '-' | '_');
        if text.is_empty() || !text.chars().all(is_of_name) {
            return Err(Problem::malformed("letters, digits, dots, hyphens and underscores"));
        }
        // The normal form may be longer than what was written; it is kept too.
        if text.chars().count().max(normal(text).chars().count()) > Self::LONGEST as usize {
            return Err(Problem::TooLong { max: Self::LONGEST });
        }
        Ok(Self(text.into()))
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two are compared.
    #[must_use]
    pub fn normal(&self) -> String {
        normal(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Username(..)")
    }
}

impl TryFrom<String> for Username {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.as_str().to_owned()
    }
}

/// What a person says to get an account.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// A name to log in with, beside the e-mail address.
    #[serde(default)]
    pub username: Option<String>,
}

impl NewAccount {
    /// An account without a username.
    pub fn new(email: impl Into<String>, name: impl Into<String>, password: impl Into<String>) -> Self {
        Self { email: email.into(), name: name.into(), password: password.into(), username: None }
    }

    /// With a username.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }
}

impl fmt::Debug for NewAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("NewAccount(..)")
    }
}

/// An account that was somewhere else before, with the hash of its password.
#[derive(Clone)]
pub struct ExistingAccount {
    /// Its id, if it is to keep the one that it has.
    pub id: Option<UserId>,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// A name to log in with, beside the e-mail address.
    pub username: Option<String>,
    /// The hash of the password: argon2id in the PHC form, or bcrypt.
    pub hash: String,
    /// May they log in?
    pub active: bool,
    /// When it was made, if that is known.
    pub created_at: Option<Instant>,
}

impl ExistingAccount {
    /// An active account with a new id and without a username.
    pub fn new(email: impl Into<String>, name: impl Into<String>, hash: impl Into<String>) -> Self {
        Self {
            id: None,
            email: email.into(),
            name: name.into(),
            username: None,
            hash: hash.into(),
            active: true,
            created_at: None,
        }
    }
}

impl fmt::Debug for ExistingAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ExistingAccount(..)")
    }
}

/// Reads one field.
pub(crate) fn field<T>(name: &str, read: Result<T, Problem>) -> Result<T, Error> {
    read.map_err(|problem| Error::field(name, problem))
}

impl Account {
    /// Reads what was said of a new account.
    pub(crate) fn read(
        id: UserId,
        (email, name, username): (&str, &str, Option<&str>),
        created_at: Instant,
    ) -> Result<Self, Error> {
        Ok(Self {
            id,
            email: field("email", Email::parse(email))?,
            name: field("name", Line::parse(name))?,
            username: field("username", username.map(Username::parse).transpose())?,
            active: true,
            created_at,
            last_login_at: None,
        })
    }

    /// What a store keeps of it.
    pub(crate) fn with(self, hash: Hash) -> Entry {
        Entry { account: self, hash, version: 1, standing: Default::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_words_without_an_at_sign() {
        for (text, form) in [(" Ada.L-1_x ", "ada.l-1_x"), ("ИВАН", "иван"), ("straße", "strasse")] {
            assert_eq!(Username::parse(text).unwrap().normal(), form);
        }
        for text in ["", " ", "a@b.co", "a b", "a\0", "＠"] {
            assert_eq!(Username::parse(text).unwrap_err().code(), "malformed", "{text:?}");
        }
        assert!(Username::parse(&"a".repeat(64)).is_ok());
        assert_eq!(Username::parse(&"a".repeat(65)), Err(Problem::TooLong { max: 64 }));
        // 22 letters that are three each in their normal form.
        assert_eq!(Username::parse(&"\u{fb03}".repeat(22)), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn debug_output_holds_no_personal_data() {
        let id = UserId::from_uuid(crm_core::value::Uuid::from_u128(7));
        let said = ("ada@example.com", "Lovelace", Some("countess"));
        let account = Account::read(id, said, Instant::EPOCH).unwrap();
        let entry = account.clone().with(Hash::kept("hash".to_owned()));
        let new = NewAccount::new("ada@example.com", "Lovelace", "correct horse").username("countess");
        let old = ExistingAccount::new("ada@example.com", "Lovelace", "hash");
        let shown = format!("{account:?} {:?} {entry:?} {new:?} {old:?}", account.username).to_lowercase();
        for word in ["ada", "example", "lovelace", "countess", "horse", "\"hash"] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }
}
