//! The scalars that functions may be generic over.
