package io.millrace.broker.group.classic;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the topics out of a consumer's subscription, as clients encode it. Stateless. */
final class Subscription {
    private Subscription() {}

    /** The topics; null if the bytes are no subscription. */
    static @Nullable Set<String> topics(ByteBuffer metadata) {
        try {
            ByteBuffer in = metadata.duplicate();
            in.getShort();
            int count = in.getInt();
            if (count < 0 || count > in.remaining() / 2) {
                return null;
            }
            var topics = new HashSet<String>();
            for (int i = 0; i < count; i++) {
                short length = in.getShort();
                if (length < 0 || length > in.remaining()) {
                    return null;
                }
                byte[] name = new byte[length];
                in.get(name);
                topics.add(new String(name, StandardCharsets.UTF_8));
            }
            return topics;
        } catch (BufferUnderflowException e) {
            return null;
        }
    }
}
