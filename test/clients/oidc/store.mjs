// What oidc-provider keeps, in memory, in a shape that can be written down and read again.
export class Store {
  // By "model:id": the payload, and when it is forgotten, in milliseconds since 1970.
  #entries;

  constructor(entries = []) {
    this.#entries = new Map(entries);
  }

  entries() {
    return [...this.#entries];
  }

  // Payloads of a model, as long as they last.
  all(model) {
    return [...this.#entries].filter(([key]) => key.startsWith(`${model}:`)).map(([key]) => this.#payload(key)).filter(Boolean);
  }

  remove(predicate) {
    for (const [key, { payload }] of this.#entries) if (predicate(payload, key)) this.#entries.delete(key);
  }

  // The interface that oidc-provider asks of a store.
  adapter(model) {
    const keyOf = id => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#entries.set(keyOf(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : null });
      },
      find: async id => this.#payload(keyOf(id)),
      findByUid: async uid => this.all(model).find(payload => payload.uid === uid),
      findByUserCode: async userCode => this.all(model).find(payload => payload.userCode === userCode),
      consume: async id => { this.#payload(keyOf(id)).consumed = Math.floor(Date.now() / 1000); },
      destroy: async id => { this.#entries.delete(keyOf(id)); },
      revokeByGrantId: async grantId => this.remove((payload, key) => payload.grantId === grantId && key.startsWith(`${model}:`)),
    };
  }

  #payload(key) {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until === null || entry.until > Date.now()) return entry.payload;
    this.#entries.delete(key);
    return undefined;
  }
}
