use autodiff_runtime::prelude::*;

#[differentiable]
fn tariff(x: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x < 1.0 {
        1.5 * x
    } else if x < 2.0 {
        2.5 * x
    } else if x < 3.0 {
        3.5 * x
    } else if x < 4.0 {
        4.5 * x
    } else if x < 5.0 {
        5.5 * x
    } else if x < 6.0 {
        6.5 * x
    } else if x < 7.0 {
        7.5 * x
    } else if x < 8.0 {
        8.5 * x
    } else if x < 9.0 {
        9.5 * x
    } else if x < 10.0 {
        10.5 * x
    } else if x < 11.0 {
        11.5 * x
    } else if x < 12.0 {
        12.5 * x
    } else if x < 13.0 {
        13.5 * x
    } else if x < 14.0 {
        14.5 * x
    } else if x < 15.0 {
        15.5 * x
    } else if x < 16.0 {
        16.5 * x
    } else if x < 17.0 {
        17.5 * x
    } else if x < 18.0 {
        18.5 * x
    } else if x < 19.0 {
        19.5 * x
    } else if x < 20.0 {
        20.5 * x
    } else if x < 21.0 {
        21.5 * x
    } else if x < 22.0 {
        22.5 * x
    } else if x < 23.0 {
        23.5 * x
    } else if x < 24.0 {
        24.5 * x
    } else if x < 25.0 {
        25.5 * x
    } else if x < 26.0 {
        26.5 * x
    } else if x < 27.0 {
        27.5 * x
    } else if x < 28.0 {
        28.5 * x
    } else if x < 29.0 {
        29.5 * x
    } else if x < 30.0 {
        30.5 * x
    } else if x < 31.0 {
        31.5 * x
    } else if x < 32.0 {
        32.5 * x
    } else if x < 33.0 {
        33.5 * x
    } else if x < 34.0 {
        34.5 * x
    } else if x < 35.0 {
        35.5 * x
    } else if x < 36.0 {
        36.5 * x
    } else if x < 37.0 {
        37.5 * x
    } else if x < 38.0 {
        38.5 * x
    } else if x < 39.0 {
        39.5 * x
    } else if x < 40.0 {
        40.5 * x
    } else if x < 41.0 {
        41.5 * x
    } else if x < 42.0 {
        42.5 * x
    } else if x < 43.0 {
        43.5 * x
    } else if x < 44.0 {
        44.5 * x
    } else if x < 45.0 {
        45.5 * x
    } else if x < 46.0 {
        46.5 * x
    } else if x < 47.0 {
        47.5 * x
    } else if x < 48.0 {
        48.5 * x
    } else if x < 49.0 {
        49.5 * x
    } else if x < 50.0 {
        50.5 * x
    } else if x < 51.0 {
        51.5 * x
    } else if x < 52.0 {
        52.5 * x
    } else if x < 53.0 {
        53.5 * x
    } else if x < 54.0 {
        54.5 * x
    } else if x < 55.0 {
        55.5 * x
    } else if x < 56.0 {
        56.5 * x
    } else if x < 57.0 {
        57.5 * x
    } else if x < 58.0 {
        58.5 * x
    } else if x < 59.0 {
        59.5 * x
    } else if x < 60.0 {
        60.5 * x
    } else if x < 61.0 {
        61.5 * x
    } else if x < 62.0 {
        62.5 * x
    } else if x < 63.0 {
        63.5 * x
    } else if x < 64.0 {
        64.5 * x
    } else if x < 65.0 {
        65.5 * x
    } else if x < 66.0 {
        66.5 * x
    } else if x < 67.0 {
        67.5 * x
    } else if x < 68.0 {
        68.5 * x
    } else if x < 69.0 {
        69.5 * x
    } else if x < 70.0 {
        70.5 * x
    } else if x < 71.0 {
        71.5 * x
    } else if x < 72.0 {
        72.5 * x
    } else if x < 73.0 {
        73.5 * x
    } else if x < 74.0 {
        74.5 * x
    } else if x < 75.0 {
        75.5 * x
    } else if x < 76.0 {
        76.5 * x
    } else if x < 77.0 {
        77.5 * x
    } else if x < 78.0 {
        78.5 * x
    } else if x < 79.0 {
        79.5 * x
    } else if x < 80.0 {
        80.5 * x
    } else if x < 81.0 {
        81.5 * x
    } else if x < 82.0 {
        82.5 * x
    } else if x < 83.0 {
        83.5 * x
    } else if x < 84.0 {
        84.5 * x
    } else if x < 85.0 {
        85.5 * x
    } else if x < 86.0 {
        86.5 * x
    } else if x < 87.0 {
        87.5 * x
    } else if x < 88.0 {
        88.5 * x
    } else if x < 89.0 {
        89.5 * x
    } else if x < 90.0 {
        90.5 * x
    } else if x < 91.0 {
        91.5 * x
    } else if x < 92.0 {
        92.5 * x
    } else if x < 93.0 {
        93.5 * x
    } else if x < 94.0 {
        94.5 * x
    } else if x < 95.0 {
        95.5 * x
    } else if x < 96.0 {
        96.5 * x
    } else if x < 97.0 {
        97.5 * x
    } else if x < 98.0 {
        98.5 * x
    } else if x < 99.0 {
        99.5 * x
    } else if x < 100.0 {
        100.5 * x
    } else if x < 101.0 {
        101.5 * x
    } else if x < 102.0 {
        102.5 * x
    } else if x < 103.0 {
        103.5 * x
    } else if x < 104.0 {
        104.5 * x
    } else if x < 105.0 {
        105.5 * x
    } else if x < 106.0 {
        106.5 * x
    } else if x < 107.0 {
        107.5 * x
    } else if x < 108.0 {
        108.5 * x
    } else if x < 109.0 {
        109.5 * x
    } else if x < 110.0 {
        110.5 * x
    } else if x < 111.0 {
        111.5 * x
    } else if x < 112.0 {
        112.5 * x
    } else if x < 113.0 {
        113.5 * x
    } else if x < 114.0 {
        114.5 * x
    } else if x < 115.0 {
        115.5 * x
    } else if x < 116.0 {
        116.5 * x
    } else if x < 117.0 {
        117.5 * x
    } else if x < 118.0 {
        118.5 * x
    } else if x < 119.0 {
        119.5 * x
    } else if x < 120.0 {
        120.5 * x
    } else if x < 121.0 {
        121.5 * x
    } else if x < 122.0 {
        122.5 * x
    } else if x < 123.0 {
        123.5 * x
    } else if x < 124.0 {
        124.5 * x
    } else if x < 125.0 {
        125.5 * x
    } else if x < 126.0 {
        126.5 * x
    } else if x < 127.0 {
        127.5 * x
    } else if x < 128.0 {
        128.5 * x
    } else if x < 129.0 {
        129.5 * x
    } else if x < 130.0 {
        130.5 * x
    } else if x < 131.0 {
        131.5 * x
    } else if x < 132.0 {
        132.5 * x
    } else if x < 133.0 {
        133.5 * x
    } else if x < 134.0 {
        134.5 * x
    } else if x < 135.0 {
        135.5 * x
    } else if x < 136.0 {
        136.5 * x
    } else if x < 137.0 {
        137.5 * x
    } else if x < 138.0 {
        138.5 * x
    } else if x < 139.0 {
        139.5 * x
    } else if x < 140.0 {
        140.5 * x
    } else if x < 141.0 {
        141.5 * x
    } else if x < 142.0 {
        142.5 * x
    } else if x < 143.0 {
        143.5 * x
    } else if x < 144.0 {
        144.5 * x
    } else if x < 145.0 {
        145.5 * x
    } else if x < 146.0 {
        146.5 * x
    } else if x < 147.0 {
        147.5 * x
    } else if x < 148.0 {
        148.5 * x
    } else if x < 149.0 {
        149.5 * x
    } else if x < 150.0 {
        150.5 * x
    } else {
        200.0 * x
    }
}

fn main() {
    println!("{}", tariff(2.0));
}
