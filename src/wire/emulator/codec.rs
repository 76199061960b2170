//! Protobuf messages in gRPC's frames. Uses `prost` and `tonic`.

use std::marker::PhantomData;

use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// Sends `E` and receives `D`.
#[derive(Debug)]
pub struct Protobuf<E, D>(PhantomData<fn(E) -> D>);

impl<E, D> Default for Protobuf<E, D> {
    fn default() -> Protobuf<E, D> {
        Protobuf(PhantomData)
    }
}

impl<E, D> Codec for Protobuf<E, D>
where
    E: Message + 'static,
    D: Message + Default + 'static,
{
    type Encode = E;
    type Decode = D;
    type Encoder = Protobuf<E, D>;
    type Decoder = Protobuf<E, D>;

    fn encoder(&mut self) -> Protobuf<E, D> {
        Protobuf::default()
    }

    fn decoder(&mut self) -> Protobuf<E, D> {
        Protobuf::default()
    }
}

impl<E: Message, D> Encoder for Protobuf<E, D> {
    type Item = E;
    type Error = Status;

    fn encode(&mut self, item: E, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(into)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

impl<E, D: Message + Default> Decoder for Protobuf<E, D> {
    type Item = D;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<D>, Status> {
        // Its length was held against a limit before it was read.
        D::decode(from).map(Some).map_err(|error| {
            Status::invalid_argument(format!("no message of this service: {error}"))
        })
    }
}
