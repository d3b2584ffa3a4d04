"""Writes digits.bin from the copy of the data that scikit-learn has.

    pip install scikit-learn==1.9.1
    python digits.py

The file is a stream of bits, the highest of each byte first: 1797 labels of 4 bits, then the
1797 x 64 pixels, image by image and row by row. A pixel of 0 is the bit 0; one of 1 to 16 is the bit 1 and
4 bits with the value less 1. Zeros fill the last byte. About half of the pixels are 0, and this is as short as
zlib makes it.
"""

from pathlib import Path

from sklearn.datasets import load_digits

digits = load_digits()
bits = []


def put(value, count):
    bits.extend(value >> place & 1 for place in reversed(range(count)))


for label in digits.target:
    put(int(label), 4)
for pixel in digits.data.astype(int).ravel():
    if pixel == 0:
        put(0, 1)
    else:
        put(1, 1)
        put(int(pixel) - 1, 4)
bits.extend([0] * (-len(bits) % 8))
packed = bytes(
    sum(bit << (7 - place) for place, bit in enumerate(bits[start : start + 8]))
    for start in range(0, len(bits), 8)
)
Path(__file__).with_name("digits.bin").write_bytes(packed)
print(len(packed), "bytes")
