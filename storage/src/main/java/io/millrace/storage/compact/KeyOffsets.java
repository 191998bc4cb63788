package io.millrace.storage.compact;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;

/**
 * The latest offset of each key, by a 128-bit hash of the key, in bounded memory. Not thread-safe.
 */
final class KeyOffsets {
    private static final int BYTES_PER_ENTRY = 96;

    private final Map<Hash, Long> latest = new HashMap<>();
    private final int capacity;
    private final MessageDigest digest;

    private record Hash(long high, long low) {}

    /**
     * @param memoryBytes about how much memory it may take
     */
    KeyOffsets(long memoryBytes) {
        capacity = (int) Math.min(Integer.MAX_VALUE, Math.max(1, memoryBytes / BYTES_PER_ENTRY));
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /** Remembers an offset; false, and nothing remembered, if there is no room for another key. */
    boolean put(ByteBuffer key, long offset) {
        Hash hash = hash(key);
        if (latest.size() >= capacity && !latest.containsKey(hash)) {
            return false;
        }
        latest.merge(hash, offset, Math::max);
        return true;
    }

    /** The latest offset of a key; -1 if it is not known. */
    long latest(ByteBuffer key) {
        return latest.getOrDefault(hash(key), -1L);
    }

    private Hash hash(ByteBuffer key) {
        digest.update(key.duplicate());
        ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
        return new Hash(bytes.getLong(), bytes.getLong());
    }
}
