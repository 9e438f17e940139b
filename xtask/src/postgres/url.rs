//! As much of a PostgreSQL URL as it takes to put something else in front of its server.
//!
//! Invariant: what this file does not understand is no URL; it never guesses.

/// The parts of `postgres://user:password@host:port/rest`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Url {
    user: String,
    password: Option<String>,
    host: String,
    port: u16,
    rest: String,
}

impl Url {
    /// Reads a URL that names a user, a host and perhaps a password and a port.
    pub(super) fn read(text: &str) -> Option<Self> {
        let after = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))?;
        let (authority, rest) = after.split_at(after.find(['/', '?']).unwrap_or(after.len()));
        let (person, place) = authority.rsplit_once('@')?;
        let (user, password) =
            person.split_once(':').map_or((person, None), |(user, word)| (user, Some(word)));
        let (host, port) = match place.rsplit_once(':') {
            // The colons of an address in brackets are its own.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (place, 5432),
        };
        let (user, password) = (decoded(user)?, password.map(decoded));
        let named = !user.is_empty() && password != Some(None);
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        named.then(|| Self { user, password: password.flatten(), host, port, rest: rest.to_owned() })
    }

    /// Whether the server is on this machine, and reached by the network.
    pub(super) fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "::1") || self.host.starts_with("127.")
    }

    /// The same database for somebody who needs no password, through another port of this machine.
    pub(super) fn through(&self, port: u16) -> String {
        format!("postgres://{}@127.0.0.1:{port}{}", encoded(&self.user), self.rest)
    }

    /// How a connection string of libpq says where the server is, and as whom to connect.
    pub(super) fn connection(&self) -> String {
        let quoted = |value: &str| format!("'{}'", value.replace('\'', "''"));
        let mut text = format!("host={} port={} user={}", quoted(&self.host), self.port, quoted(&self.user));
        if let Some(password) = &self.password {
            text.push_str(&format!(" password={}", quoted(password)));
        }
        text
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(piece.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_at_its_marks() {
        let url = Url::read("postgresql://a%40b:it's%20me@localhost:6543/shop?sslmode=disable").unwrap();
        assert!(url.is_loopback());
        assert_eq!(url.connection(), "host='localhost' port=6543 user='a@b' password='it''s me'");
        assert_eq!(url.through(7), "postgres://a%40b@127.0.0.1:7/shop?sslmode=disable");
    }

    #[test]
    fn what_is_left_out_is_as_usual() {
        let url = Url::read("postgres://ada@[::1]").unwrap();
        assert!(url.is_loopback());
        assert_eq!(url.connection(), "host='::1' port=5432 user='ada'");
        assert!(!Url::read("postgres://ada@db.example.org:5432/shop").unwrap().is_loopback());
    }

    #[test]
    fn what_names_no_user_or_no_number_is_no_url() {
        for wrong in [
            "mysql://ada@localhost/shop",
            "postgres://localhost/shop",
            "postgres://:word@localhost/shop",
            "postgres://ada@localhost:many/shop",
            "postgres://a%4@localhost/shop",
            "postgres://a%zz@localhost/shop",
        ] {
            assert!(Url::read(wrong).is_none(), "{wrong}");
        }
    }
}
