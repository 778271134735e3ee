//! The bytes of one file, as many as are read of any.

use std::fs;
use std::io::Read;
use std::path::Path;

/// Files above this size are not read. The largest manifest seen in real repositories (a bundle of CRDs) has 6 MB.
pub(super) const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why the text of a file is not available.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file holds bytes that are not UTF-8, the first of them at this offset.
    #[error("byte {0} is not UTF-8")]
    NotUtf8(usize),
    /// The file is larger than [`SourceMap::MAX_FILE_BYTES`](super::SourceMap::MAX_FILE_BYTES).
    #[error("{0} bytes are more than meshlint reads of one file ({max} bytes)", max = MAX_FILE_BYTES)]
    TooLarge(u64),
    /// The operating system refused to read it.
    #[error("{0}")]
    Io(String),
}

/// Reads a file to its end.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let io = |error: std::io::Error| ReadError::Io(error.to_string());
    let file = fs::File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    if size > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge(size));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // The file may grow between the two calls, so the bound holds for the reading too.
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    let read = bytes.len() as u64;
    if read > MAX_FILE_BYTES {
        Err(ReadError::TooLarge(read))
    } else {
        Ok(bytes)
    }
}
