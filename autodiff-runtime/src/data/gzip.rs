//! Files that are compressed by gzip: the wrapping of RFC 1952 around a deflate stream.

use miniz_oxide::inflate::decompress_to_vec;

/// Bits of the header's fourth byte: what follows the ten bytes that are always there.
const HEADER_CHECK: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

/// The content of a file of one member, or where and why that cannot be had.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, (usize, String)> {
    let start = body(bytes)?;
    let end = bytes.len().checked_sub(8).filter(|end| *end >= start);
    let end = end.ok_or((bytes.len(), "the file ends too early".to_owned()))?;
    let content =
        decompress_to_vec(&bytes[start..end]).map_err(|error| (start, error.to_string()))?;
    let (trailer, _) = bytes[end..].as_chunks::<4>();
    let [sum, length] = [trailer[0], trailer[1]].map(u32::from_le_bytes);
    // The length is kept in 32 bits.
    if content.len() as u32 != length {
        let found = content.len();
        return Err((
            end + 4,
            format!("{length} bytes were expected, and {found} were unpacked"),
        ));
    }
    let found = checksum(&content);
    match found == sum {
        true => Ok(content),
        false => {
            let message = format!("the checksum {sum:08x} was expected, and it is {found:08x}");
            Err((end, message))
        }
    }
}

/// Where the header ends.
fn body(bytes: &[u8]) -> Result<usize, (usize, String)> {
    let short = || (bytes.len(), "the header ends too early".to_owned());
    let &[_, _, method, flags, ..] = bytes else {
        return Err(short());
    };
    if method != 8 {
        return Err((2, format!("the method {method} is unknown")));
    }
    let mut at = 10;
    if flags & EXTRA != 0 {
        let length = bytes.get(at..at + 2).ok_or_else(short)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let rest = bytes.get(at..).ok_or_else(short)?;
            at += 1 + rest.iter().position(|&byte| byte == 0).ok_or_else(short)?;
        }
    }
    if flags & HEADER_CHECK != 0 {
        at += 2;
    }
    Ok(at)
}

/// The cyclic redundancy check of ISO 3309, as RFC 1952 has it.
fn checksum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut sum = index as u32;
            let mut bit = 0;
            while bit < 8 {
                sum = if sum & 1 == 1 {
                    0xedb8_8320 ^ (sum >> 1)
                } else {
                    sum >> 1
                };
                bit += 1;
            }
            table[index] = sum;
            index += 1;
        }
        table
    };
    let step = |sum: u32, &byte: &u8| TABLE[usize::from(sum as u8 ^ byte)] ^ (sum >> 8);
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
