// Package cli has no door: it is programs (entries/), and nothing imports it.
export {};
