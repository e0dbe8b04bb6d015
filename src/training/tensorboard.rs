//! Losses and learning rates as TensorBoard reads them: an event file is a row of TFRecords, each a protobuf
//! `tensorflow.Event` (tensorflow/core/util/event.proto, core/lib/io/record_writer.cc).

use prost::Message;

use super::history::{History, Point};

#[derive(Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

#[derive(Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// All of `history` as an event file; `wall_time` counts seconds of training from 0.
pub fn event_file(history: &History) -> Vec<u8> {
    let version = Event { file_version: Some("brain.Event:2".to_owned()), ..Event::default() };
    let mut bytes = record(&version.encode_to_vec());
    for point in history.points() {
        bytes.extend(record(&event(point).encode_to_vec()));
    }
    bytes
}

fn event(point: &Point) -> Event {
    let value = |tag: &str, value: f32| Value { tag: tag.to_owned(), simple_value: Some(value) };
    let values = vec![value("loss", point.loss), value("learning_rate", point.learning_rate as f32)];
    Event {
        wall_time: point.seconds,
        step: point.step as i64,
        summary: Some(Summary { value: values }),
        ..Event::default()
    }
}

/// Length, its checksum, the bytes, their checksum.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(masked_crc32c(&length).to_le_bytes());
    bytes.extend(data);
    bytes.extend(masked_crc32c(data).to_le_bytes());
    bytes
}

/// TFRecord's checksum: CRC-32C, turned by 15 bits, plus a constant.
fn masked_crc32c(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

fn crc32c(data: &[u8]) -> u32 {
    let fold = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    };
    !data.iter().fold(u32::MAX, fold)
}

#[cfg(test)]
mod tests {
    /// The check value of CRC-32C (iSCSI, RFC 3720).
    #[test]
    fn the_checksum_is_crc_32c() {
        assert_eq!(super::crc32c(b"123456789"), 0xe306_9283);
    }
}
