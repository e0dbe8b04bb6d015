//! What an answer of the hub that is no file means to whoever wanted the file.

use ureq::Body;
use ureq::http::Response;

use super::client::{Client, header};
use crate::error::Error;

/// An answer other than a success.
pub(super) fn refused(response: &Response<Body>, repository: &str, client: &Client) -> Error {
    let page = format!("{}/{repository}", client.endpoint());
    let status = response.status().as_u16();
    let gated = header(response, "x-error-code") == Some("GatedRepo");
    match status {
        403 => Error::new("the licence of this model is not accepted by your account (403)")
            .at(&page)
            .hint(format!("open {page}, read the licence and accept it, then try again")),
        401 if client.has_token() && !gated => Error::new("the hub does not take the token (401)")
            .at(page)
            .hint("make a new one at huggingface.co/settings/tokens, for HF_TOKEN or `hf auth login`"),
        401 => Error::new("this model is given to those who have accepted its licence (401)").at(&page).hint(format!(
            "accept it at {page}, make a token at huggingface.co/settings/tokens, and set HF_TOKEN or run `hf auth login`"
        )),
        404 => Error::new("the hub has no such file (404)").at(page).hint("is the name right, and is it not private?"),
        429 => Error::new("the hub asks for fewer requests (429)").at(page).hint("try again in some minutes"),
        500..=599 => Error::new(format!("the hub is out of order ({status})")).at(page).hint("try again later"),
        _ => Error::new(format!("the hub answers {status}")).at(page),
    }
}

/// No answer, or one that broke off.
pub(super) fn unreachable(error: &ureq::Error, endpoint: &str) -> Error {
    Error::new(format!("cannot reach the hub ({error})"))
        .at(endpoint)
        .hint("check the network; what has come is kept, and the next try goes on from there")
}
