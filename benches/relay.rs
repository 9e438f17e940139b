//! A connection that takes a while, as those to a server on another machine do.
//!
//! What one side sends is written to the other side so much later, in order, however much is on its way. It is made of
//! threads that sleep, because the timers of the runtime are no finer than a millisecond.
//!
//! Invariant: nothing arrives sooner than the delay after it was sent, and nothing waits for what was sent after it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Listens on loopback, and carries everything to a server and back; gives the port.
pub(crate) fn listen(server: (String, u16), delay: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming() {
            let (near, far) = (near.unwrap(), TcpStream::connect((&*server.0, server.1)).unwrap());
            near.set_nodelay(true).unwrap();
            far.set_nodelay(true).unwrap();
            carry(near.try_clone().unwrap(), far.try_clone().unwrap(), delay);
            carry(far, near, delay);
        }
    });
    port
}

/// One direction: a thread that notes when each piece came, and one that passes it on when it is time.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(size @ 1..) = from.read(&mut buffer) {
            let piece = buffer.get(..size).unwrap_or_default().to_vec();
            if sender.send((Instant::now() + delay, piece)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, piece) in receiver {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        // Whoever has closed is told so by an error here, which is all right.
        drop(to.shutdown(Shutdown::Both));
    });
}
