//! Maps and sets over the values of a function: dense, because ids count from zero, and therefore
//! ordered and linear where trees would compare and rebalance.

use std::ops::Index;

use crate::ir::ValueId;

/// A map from values.
#[derive(Clone)]
pub struct IdMap<T>(Vec<Option<T>>);

impl<T> Default for IdMap<T> {
    fn default() -> Self {
        IdMap(Vec::new())
    }
}

impl<T> IdMap<T> {
    pub fn new() -> Self {
        Self::default()
    }

    fn slot(&mut self, id: ValueId) -> &mut Option<T> {
        let index = id.0 as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        &mut self.0[index]
    }

    pub fn get(&self, id: &ValueId) -> Option<&T> {
        self.0.get(id.0 as usize)?.as_ref()
    }

    pub fn contains_key(&self, id: &ValueId) -> bool {
        self.get(id).is_some()
    }

    pub fn insert(&mut self, id: ValueId, value: T) -> Option<T> {
        self.slot(id).replace(value)
    }

    pub fn remove(&mut self, id: &ValueId) -> Option<T> {
        self.0.get_mut(id.0 as usize)?.take()
    }

    pub fn entries(&self) -> impl Iterator<Item = (ValueId, &T)> {
        let own = self.0.iter().enumerate();
        own.filter_map(|(index, value)| Some((ValueId(index as u32), value.as_ref()?)))
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
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

/// A set of values.
#[derive(Clone, Debug, Default)]
pub struct IdSet(Vec<bool>);

impl IdSet {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn contains(&self, id: &ValueId) -> bool {
        self.0.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// Whether the value is new to the set.
    pub fn insert(&mut self, id: ValueId) -> bool {
        let index = id.0 as usize;
        if index >= self.0.len() {
            self.0.resize(index + 1, false);
        }
        !std::mem::replace(&mut self.0[index], true)
    }

    pub fn remove(&mut self, id: &ValueId) -> bool {
        (self.0.get_mut(id.0 as usize)).is_some_and(|own| std::mem::replace(own, false))
    }

    pub fn iter(&self) -> impl Iterator<Item = ValueId> + '_ {
        let own = self.0.iter().enumerate().filter(|(_, own)| **own);
        own.map(|(index, _)| ValueId(index as u32))
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&ValueId) -> bool) {
        for (index, own) in self.0.iter_mut().enumerate() {
            *own = *own && keep(&ValueId(index as u32));
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
