//! Another system, which deliveries go to: it does each thing once, and writes down in which order.
//!
//! It lives in the test's own process, so it outlives the workers that are killed.
//!
//! Invariant: a delivery whose id is known has no second effect, and whoever told it hears that it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use crm_core::Delivery;
use crm_core::integration::{Courier, DeliveryOutcome};

/// What the other system has done.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// The ids of what it did.
    pub(crate) effects: BTreeSet<String>,
    /// The versions that it was told of by target and lane, in the order in which it was.
    pub(crate) lanes: BTreeMap<(String, String), Vec<u64>>,
    /// How often it was told what it knew.
    pub(crate) twice: u64,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: String,
    shared: Arc<(Mutex<Book>, Condvar)>,
}

impl Receiver {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::<(Mutex<Book>, Condvar)>::default();
        let book = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let book = Arc::clone(&book);
                std::thread::spawn(move || listen(stream, &book));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.shared.0.lock().unwrap()
    }

    /// Waits until it has done so much. It is done for when nothing comes for so long.
    pub(crate) fn wait_for(&self, effects: u64, longest: Duration) {
        let mut book = self.book();
        while (book.effects.len() as u64) < effects {
            let (after, waited) = self.shared.1.wait_timeout(book, longest).unwrap();
            assert!(!waited.timed_out(), "{} of {effects} came, and no more", after.effects.len());
            book = after;
        }
    }
}

/// Hears one worker, until it is gone. What it had said only half is no delivery.
fn listen(stream: TcpStream, shared: &(Mutex<Book>, Condvar)) {
    let mut answers = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|_| line.ends_with('\n')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[id, target, lane, version] = words.as_slice() else { return };
        let mut book = shared.0.lock().unwrap();
        if book.effects.insert(id.to_owned()) {
            let lane = book.lanes.entry((target.to_owned(), lane.to_owned())).or_default();
            lane.push(version.parse().unwrap());
        } else {
            book.twice += 1;
        }
        drop(book);
        shared.1.notify_all();
        if answers.write_all(b"done\n").is_err() {
            return;
        }
        line.clear();
    }
}

/// A worker's line to the receiver.
#[derive(Debug)]
pub(crate) struct Wire(Mutex<BufReader<TcpStream>>);

impl Wire {
    pub(crate) fn to(address: &str) -> Self {
        Self(Mutex::new(BufReader::new(TcpStream::connect(address).unwrap())))
    }
}

#[async_trait]
impl Courier for Wire {
    async fn deliver(&self, delivery: &Delivery) -> DeliveryOutcome {
        let version = delivery.content.as_json().get("version").and_then(serde_json::Value::as_u64).unwrap();
        let text = format!("{} {} {} {version}\n", delivery.id, delivery.target, delivery.lane);
        let mut wire = self.0.lock().unwrap();
        wire.get_mut().write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        wire.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n");
        DeliveryOutcome::Done { external_id: None, kind: None }
    }
}
