// The size of a picture that only its address is known of.

import { useEffect, useState } from '../vendor/htm-preact.js';
import { get } from './api.js';

const files = new Map();

// What the server knows of an uploaded file; asked once.
export function fileFacts(sha256) {
  if (!files.has(sha256)) {
    const asked = get(`/api/files/${sha256}`);
    asked.catch(() => files.delete(sha256));
    files.set(sha256, asked);
  }
  return files.get(sha256);
}

export function useFile(sha256) {
  const [facts, setFacts] = useState(null);
  useEffect(() => {
    let wanted = true;
    setFacts(null);
    if (sha256) fileFacts(sha256).then((found) => wanted && setFacts(found), () => {});
    return () => { wanted = false; };
  }, [sha256]);
  return facts?.sha256 === sha256 ? facts : null;
}

// The size of the picture at an address, when it has come; null before.
export function usePictureSize(address) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!address) return undefined;
    let wanted = true;
    const picture = new Image();
    picture.onload = () => wanted && setFound({ address, width: picture.naturalWidth, height: picture.naturalHeight });
    picture.src = address;
    return () => { wanted = false; };
  }, [address]);
  return found?.address === address ? found : null;
}
