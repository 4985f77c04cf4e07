// Which instance of an app the page in the frame lives on.
"use strict";

/**
 * Return a function that tells the instance's id from the app's state, or null. `address` returns
 * the id in the framed page's address.
 *
 * When the instance in the address ends, the page lives on at that one's successor, and keeps its
 * address. All instances of a generation drain together, so any of them stands for the others.
 */
const Residence = (address) => {
  let home = null;

  return ({ instances, draining }) => {
    const named = address();
    if (named === null || instances.includes(named)) home = named;
    else if (!instances.includes(home)) home = instances.find((id) => !(id in draining)) ?? null;
    return home;
  };
};
