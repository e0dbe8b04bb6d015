//! A hub of the suite's own: one thread that answers like huggingface.co, and a store on another port that it
//! redirects large files to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that was made.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    /// The first byte that was asked for.
    pub from: Option<usize>,
    pub token: Option<String>,
}

/// What is answered.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection ends after so many bytes of the body.
    pub cut: Option<usize>,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// Everything from `from` on, as a server with ranges gives it.
pub fn part(body: &[u8], from: Option<usize>) -> Reply {
    match from {
        None => Reply { status: 200, body: body.to_vec(), ..Reply::default() },
        Some(from) if from >= body.len() => Reply::status(416).with("content-range", format!("bytes */{}", body.len())),
        Some(from) => Reply { status: 206, body: body[from..].to_vec(), ..Reply::default() }
            .with("content-range", format!("bytes {from}-{}/{}", body.len() - 1, body.len())),
    }
}

pub struct Server {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers by `reply`, which is given the request and how many of its path there were before. The thread lives as
    /// long as the tests.
    pub fn start(reply: impl Fn(&Seen, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::<Seen>::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                let before = {
                    let mut log = log.lock().unwrap();
                    let before = log.iter().filter(|seen| seen.path == request.path).count();
                    log.push(request.clone());
                    before
                };
                // A client that has gone away is no failure of the hub's.
                let _ = write(stream, reply(&request, before));
            }
        });
        Self { address, seen }
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let (mut from, mut token) = (None, None);
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ")?;
        match name.to_lowercase().as_str() {
            "range" => from = value.trim_start_matches("bytes=").trim_end_matches('-').parse().ok(),
            "authorization" => token = Some(value.trim_start_matches("Bearer ").to_owned()),
            _ => {}
        }
    }
    Some(Seen { path, from, token })
}

fn write(mut stream: TcpStream, reply: Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} said\r\nconnection: close\r\n", reply.status);
    if !reply.headers.iter().any(|(name, _)| name == "content-length") {
        head += &format!("content-length: {}\r\n", reply.body.len());
    }
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&reply.body[..reply.cut.unwrap_or(reply.body.len())])?;
    stream.flush()
}
