//! Requests to the hub, each answer that is no success as an error that says what to do.
//!
//! Redirects are followed here and not by the client underneath: the hub tells a file's hash in the answer that
//! redirects, and the user's token must not go with it to another host.

use std::time::Duration;

use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

use super::explain;
use crate::error::{Error, Result};

/// Answers that redirect, one after the other.
const MOST_REDIRECTS: usize = 10;
/// The longest that the hub may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Tries of a request that the hub puts off.
const TRIES: u32 = 5;

#[derive(Clone, Debug)]
pub(super) struct Client {
    agent: Agent,
    endpoint: String,
    token: Option<String>,
}

/// An answer without a redirect, and what the ones before it told of the file.
pub(super) struct Answer {
    pub response: Response<Body>,
    /// The hash of the file's content, or what else the hub calls it.
    pub etag: Option<String>,
    /// The file's length.
    pub bytes: Option<u64>,
}

impl Client {
    pub fn new(endpoint: &str, token: Option<String>) -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("diffusion-lab/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), endpoint: endpoint.trim_end_matches('/').to_owned(), token }
    }

    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.trim().to_owned()).filter(|token| !token.is_empty()), ..self }
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The text at `path` of the hub.
    pub fn text(&self, path: &str, repository: &str, patience: Duration) -> Result<String> {
        let mut answer = self.get(path, None, repository, patience, &mut |_| Ok(()))?;
        let read = answer.response.body_mut().read_to_string();
        read.map_err(|error| explain::unreachable(&error, &self.endpoint))
    }

    /// What the hub sends for `path`, from byte `from` on where that is given. An answer that puts the request off is
    /// waited for, in short naps: `nap(wait left)` may end it.
    pub fn get(
        &self,
        path: &str,
        from: Option<u64>,
        repository: &str,
        patience: Duration,
        nap: &mut dyn FnMut(Duration) -> Result<()>,
    ) -> Result<Answer> {
        let mut tries = 0;
        loop {
            let answer = self.once(path, from)?;
            let status = answer.response.status().as_u16();
            tries += 1;
            let put_off = status == 429 || (500..=599).contains(&status);
            if !put_off || tries == TRIES {
                return match status {
                    200 | 206 | 416 => Ok(answer),
                    _ => Err(explain::refused(&answer.response, repository, self)),
                };
            }
            let asked = header(&answer.response, "retry-after").and_then(|seconds| seconds.parse().ok());
            let wait = asked.map_or(patience * 2u32.pow(tries - 1), Duration::from_secs).min(LONGEST_WAIT);
            sleep(wait, nap)?;
        }
    }

    /// Whether requests carry a token.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    fn once(&self, path: &str, from: Option<u64>) -> Result<Answer> {
        if self.token.as_ref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(Error::new("the hub's token holds spaces, ends of lines or other signs that no token has")
                .hint("set HF_TOKEN to the token alone, or run `hf auth login`"));
        }
        let wrong = |uri: &str| {
            Error::new(format!("not an address ({uri})")).hint("HF_ENDPOINT should be like https://huggingface.co")
        };
        let first = format!("{}{path}", self.endpoint);
        let hub: Uri = first.parse().map_err(|_| wrong(&first))?;
        let (mut uri, mut etag, mut bytes) = (hub.clone(), None, None);
        for _ in 0..=MOST_REDIRECTS {
            let mut request = self.agent.get(uri.clone()).header("accept-encoding", "identity");
            if let Some(token) = self.token.as_ref().filter(|_| same_host(&uri, &hub)) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            if let Some(from) = from {
                request = request.header("range", format!("bytes={from}-"));
            }
            let response = request.call().map_err(|error| explain::unreachable(&error, &self.endpoint))?;
            let told = |name| header(&response, name);
            // The hub's own words come first; what a store behind it says of itself does not replace them.
            let plain = |etag: &str| etag.trim_start_matches("W/").trim_matches('"').to_owned();
            etag = etag.or_else(|| told("x-linked-etag").map(plain));
            bytes = bytes.or_else(|| told("x-linked-size")?.parse().ok());
            if !response.status().is_redirection() {
                let own = same_host(&uri, &hub).then(|| told("etag").map(plain)).flatten();
                let (etag, bytes) = (etag.or(own), bytes.or_else(|| whole_length(&response)));
                return Ok(Answer { response, etag, bytes });
            }
            let Some(place) = told("location") else { break };
            uri = resolved(&uri, place).ok_or_else(|| wrong(place))?;
        }
        Err(Error::new("the hub redirects without an end").at(first))
    }
}

/// Sleeps for `wait`, asking `nap` ten times a second whether to go on.
pub(super) fn sleep(wait: Duration, nap: &mut dyn FnMut(Duration) -> Result<()>) -> Result<()> {
    let mut left = wait;
    while !left.is_zero() {
        nap(left)?;
        let piece = left.min(Duration::from_millis(100));
        std::thread::sleep(piece);
        left -= piece;
    }
    Ok(())
}

/// The text of a header.
pub(super) fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The length of the whole file, whether the answer has all of it or a part.
fn whole_length(response: &Response<Body>) -> Option<u64> {
    match header(response, "content-range") {
        Some(range) => range.rsplit('/').next()?.parse().ok(),
        None => header(response, "content-length")?.parse().ok(),
    }
}

fn same_host(a: &Uri, b: &Uri) -> bool {
    a.scheme() == b.scheme() && a.authority() == b.authority()
}

/// `place` as seen from `from`: an address of the web, one without its scheme, a path on the same host, or one beside
/// `from` (RFC 3986, 4.2).
fn resolved(from: &Uri, place: &str) -> Option<Uri> {
    let (scheme, host) = (from.scheme_str()?, from.authority()?);
    let beside = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let address = match place {
        _ if place.starts_with("//") => format!("{scheme}:{place}"),
        _ if place.starts_with('/') => format!("{scheme}://{host}{place}"),
        _ if place.starts_with('?') => format!("{scheme}://{host}{}{place}", from.path()),
        _ if place.split(['/', '?']).next().is_some_and(|start| start.contains(':')) => place.to_owned(),
        _ => format!("{scheme}://{host}{beside}/{place}"),
    };
    address.parse().ok().filter(|uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")))
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn redirects_are_read_as_browsers_read_them() {
        let from = "https://hub.example/a/b?c=d".parse().unwrap();
        for (place, wanted) in [
            ("https://store.example/x", Some("https://store.example/x")),
            ("//store.example/x?y", Some("https://store.example/x?y")),
            ("/x/y", Some("https://hub.example/x/y")),
            ("x/y", Some("https://hub.example/a/x/y")),
            ("?e=f", Some("https://hub.example/a/b?e=f")),
            ("file:///etc/passwd", None),
            ("ftp://store.example/x", None),
        ] {
            assert_eq!(resolved(&from, place).map(|uri| uri.to_string()).as_deref(), wanted, "{place}");
        }
    }
}
