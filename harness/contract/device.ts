/** The device that is asked for; `auto` takes what is there. */
export type Device = 'auto' | 'cpu' | 'gpu';
