//! Networks of people.

/// Nodes of known classes, with edges between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// How many nodes there are.
    pub nodes: usize,
    /// The pairs of nodes that are joined, each once, the smaller one first.
    pub edges: Vec<(usize, usize)>,
    /// The class of each node.
    pub classes: Vec<usize>,
    /// The names of the classes.
    pub class_names: Vec<String>,
}

/// Zachary's karate club: 34 members, the 78 pairs of them that met outside of the club, and which of two
/// factions each one followed when it split: that of the instructor (Mr. Hi, member 0) or that of the
/// administrator (Officer, member 33).
///
/// Source: W. W. Zachary, *An information flow model for conflict and fission in small groups*, Journal of
/// Anthropological Research 33 (1977) 452–473, figure 1 and table 3, members counted from 0. The factions are
/// those of the column "Club after split from data". The facts were taken from the copy in NetworkX.
///
/// ```
/// let club = autodiff_runtime::data::karate_club();
/// assert_eq!((club.nodes, club.edges.len()), (34, 78));
/// assert_eq!((club.classes[0], club.classes[33]), (0, 1));
/// ```
pub fn karate_club() -> Network {
    // For each member the ones after it that it met.
    const MET: [&[usize]; 34] = [
        &[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
        &[2, 3, 7, 13, 17, 19, 21, 30],
        &[3, 7, 8, 9, 13, 27, 28, 32],
        &[7, 12, 13],
        &[6, 10],
        &[6, 10, 16],
        &[16],
        &[],
        &[30, 32, 33],
        &[33],
        &[],
        &[],
        &[],
        &[33],
        &[32, 33],
        &[32, 33],
        &[],
        &[],
        &[32, 33],
        &[33],
        &[32, 33],
        &[],
        &[32, 33],
        &[25, 27, 29, 32, 33],
        &[25, 27, 31],
        &[31],
        &[29, 33],
        &[33],
        &[31, 33],
        &[32, 33],
        &[32, 33],
        &[32, 33],
        &[33],
        &[],
    ];
    const WITH_THE_OFFICER: [usize; 17] = [
        9, 14, 15, 18, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
    ];
    let edges = MET.iter().enumerate();
    let edges = edges.flat_map(|(member, met)| met.iter().map(move |&other| (member, other)));
    let class = |member| usize::from(WITH_THE_OFFICER.contains(&member));
    Network {
        nodes: MET.len(),
        edges: edges.collect(),
        classes: (0..MET.len()).map(class).collect(),
        class_names: vec!["Mr. Hi".to_owned(), "Officer".to_owned()],
    }
}

impl Network {
    /// How many edges each node has.
    pub fn degrees(&self) -> Vec<usize> {
        let mut degrees = vec![0; self.nodes];
        for &(one, other) in &self.edges {
            degrees[one] += 1;
            degrees[other] += 1;
        }
        degrees
    }

    /// The matrix with which a graph convolution mixes the nodes, row by row: `D^(−½) (A + I) D^(−½)`, where
    /// `A` is 1 for joined nodes and 0 for others, and `D` is diagonal with the row sums of `A + I`.
    ///
    /// Kipf and Welling, *Semi-supervised classification with graph convolutional networks* (ICLR 2017),
    /// equation 2.
    ///
    /// ```
    /// use autodiff_runtime::data::Network;
    ///
    /// let pair = Network { nodes: 2, edges: vec![(0, 1)], classes: vec![0, 1], class_names: vec![] };
    /// let matrix = pair.normalised_adjacency();
    /// assert!(matrix.iter().flatten().all(|entry| (entry - 0.5).abs() < 1e-15));
    /// ```
    pub fn normalised_adjacency(&self) -> Vec<Vec<f64>> {
        let degrees = self.degrees();
        let weight = |one: usize, other: usize| {
            1.0 / (((degrees[one] + 1) * (degrees[other] + 1)) as f64).sqrt()
        };
        let mut matrix = vec![vec![0.0; self.nodes]; self.nodes];
        for (node, row) in matrix.iter_mut().enumerate() {
            row[node] = weight(node, node);
        }
        for &(one, other) in &self.edges {
            matrix[one][other] = weight(one, other);
            matrix[other][one] = weight(one, other);
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_club_is_zacharys() {
        let club = karate_club();
        assert_eq!(club.edges.len(), 78);
        assert!(club.edges.is_sorted() && club.edges.iter().all(|(one, other)| one < other));
        // As NetworkX counts them.
        assert_eq!(
            club.degrees(),
            [
                16, 9, 10, 6, 3, 4, 4, 4, 5, 2, 3, 1, 2, 5, 2, 2, 2, 2, 2, 3, 2, 2, 2, 5, 3, 3, 2,
                4, 3, 4, 4, 6, 12, 17
            ]
        );
        assert_eq!(club.classes.iter().sum::<usize>(), 17);
        assert_eq!(
            (club.classes[8], club.classes[9], club.classes[13]),
            (0, 1, 0)
        );
    }

    #[test]
    fn the_adjacency_keeps_the_root_of_the_degrees() {
        // D^½·1 is the eigenvector of the eigenvalue 1.
        let club = karate_club();
        let roots: Vec<f64> = club
            .degrees()
            .iter()
            .map(|&degree| (degree as f64 + 1.0).sqrt())
            .collect();
        let matrix = club.normalised_adjacency();
        for (row, root) in matrix.iter().zip(&roots) {
            let product: f64 = row
                .iter()
                .zip(&roots)
                .map(|(entry, root)| entry * root)
                .sum();
            assert!((product - root).abs() < 1e-12);
        }
    }
}
