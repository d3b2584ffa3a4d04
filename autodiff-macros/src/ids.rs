//! Maps and sets over the values of a function. Ids count from zero, so that both are tables, and
//! therefore ordered and linear where trees would compare and rebalance. The tables come in pages,
//! because many maps are of one region, which mentions few values, from far apart.

use std::ops::Index;

use crate::ir::ValueId;

/// Values per page of a map: of its empty pages a map has the pointers only.
const PAGE: usize = 32;

type Page<T> = Box<[Option<T>; PAGE]>;

/// A map from values.
#[derive(Clone)]
pub struct IdMap<T>(Vec<Option<Page<T>>>);

impl<T> Default for IdMap<T> {
    fn default() -> Self {
        IdMap(Vec::new())
    }
}

/// The page of a value, and its place there.
fn place(id: ValueId) -> (usize, usize) {
    let index = id.0 as usize;
    (index / PAGE, index % PAGE)
}

impl<T> IdMap<T> {
    pub fn new() -> Self {
        Self::default()
    }

    fn slot(&mut self, id: ValueId) -> &mut Option<T> {
        let (page, place) = place(id);
        if page >= self.0.len() {
            self.0.resize_with(page + 1, || None);
        }
        let page = self.0[page].get_or_insert_with(|| Box::new([const { None }; PAGE]));
        &mut page[place]
    }

    pub fn get(&self, id: &ValueId) -> Option<&T> {
        let (page, place) = place(*id);
        self.0.get(page)?.as_ref()?[place].as_ref()
    }

    pub fn contains_key(&self, id: &ValueId) -> bool {
        self.get(id).is_some()
    }

    pub fn insert(&mut self, id: ValueId, value: T) -> Option<T> {
        self.slot(id).replace(value)
    }

    pub fn remove(&mut self, id: &ValueId) -> Option<T> {
        let (page, place) = place(*id);
        self.0.get_mut(page)?.as_mut()?[place].take()
    }

    pub fn entries(&self) -> impl Iterator<Item = (ValueId, &T)> {
        let pages = self.0.iter().enumerate();
        let pages = pages.filter_map(|(number, page)| Some((number * PAGE, page.as_ref()?)));
        pages.flat_map(|(first, page)| {
            let own = page.iter().enumerate();
            own.filter_map(move |(place, value)| {
                Some((ValueId((first + place) as u32), value.as_ref()?))
            })
        })
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0
            .iter()
            .flatten()
            .flat_map(|page| page.iter().flatten())
    }

    /// The value's entry, made if there is none.
    pub fn or_default(&mut self, id: ValueId) -> &mut T
    where
        T: Default,
    {
        self.slot(id).get_or_insert_default()
    }
}

impl<T> Index<&ValueId> for IdMap<T> {
    type Output = T;
    fn index(&self, id: &ValueId) -> &T {
        self.get(id).expect("the value has an entry")
    }
}

impl<T> Extend<(ValueId, T)> for IdMap<T> {
    fn extend<I: IntoIterator<Item = (ValueId, T)>>(&mut self, entries: I) {
        for (id, value) in entries {
            self.insert(id, value);
        }
    }
}

impl<T> FromIterator<(ValueId, T)> for IdMap<T> {
    fn from_iter<I: IntoIterator<Item = (ValueId, T)>>(entries: I) -> Self {
        let mut map = IdMap::new();
        map.extend(entries);
        map
    }
}

/// A set of values: a bit for each.
#[derive(Clone, Debug, Default)]
pub struct IdSet(Vec<u64>);

/// The word of a value's bit, and the bit.
fn bit(id: ValueId) -> (usize, u64) {
    (id.0 as usize / 64, 1 << (id.0 % 64))
}

impl IdSet {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn contains(&self, id: &ValueId) -> bool {
        let (word, bit) = bit(*id);
        self.0.get(word).is_some_and(|own| own & bit != 0)
    }

    /// Whether the value is new to the set.
    pub fn insert(&mut self, id: ValueId) -> bool {
        let (word, bit) = bit(id);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    pub fn remove(&mut self, id: &ValueId) -> bool {
        let was_there = self.contains(id);
        if was_there {
            let (word, bit) = bit(*id);
            self.0[word] &= !bit;
        }
        was_there
    }

    pub fn iter(&self) -> impl Iterator<Item = ValueId> + '_ {
        let words = self.0.iter().enumerate().filter(|(_, own)| **own != 0);
        words.flat_map(|(word, &own)| {
            let bits = (0..64).filter(move |bit| own >> bit & 1 != 0);
            bits.map(move |bit| ValueId(64 * word as u32 + bit))
        })
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&ValueId) -> bool) {
        let dropped: Vec<ValueId> = self.iter().filter(|id| !keep(id)).collect();
        for id in dropped {
            self.remove(&id);
        }
    }
}

impl Extend<ValueId> for IdSet {
    fn extend<I: IntoIterator<Item = ValueId>>(&mut self, ids: I) {
        for id in ids {
            self.insert(id);
        }
    }
}

impl<'a> Extend<&'a ValueId> for IdSet {
    fn extend<I: IntoIterator<Item = &'a ValueId>>(&mut self, ids: I) {
        self.extend(ids.into_iter().copied());
    }
}

impl FromIterator<ValueId> for IdSet {
    fn from_iter<I: IntoIterator<Item = ValueId>>(ids: I) -> Self {
        let mut set = IdSet::new();
        set.extend(ids);
        set
    }
}
