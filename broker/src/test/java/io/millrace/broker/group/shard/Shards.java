package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupRequest.Join;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupRequest.Timeouts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests for tests. */
final class Shards {
    static final GroupLimits LIMITS = new GroupLimits(0, 10, 1_000_000, 10, 100, 100_000, 1000);
    static final int SESSION_MS = 1000;
    static final int REBALANCE_MS = 3000;

    private Shards() {}

    static Join join(String memberId, @Nullable String instanceId, String fresh) {
        return new Join(
                "g",
                memberId,
                instanceId,
                fresh,
                new Client("client", "/host"),
                new Timeouts(SESSION_MS, REBALANCE_MS),
                "consumer",
                List.of(new Protocol("range", subscription("t"))),
                true,
                true);
    }

    static ByteBuffer subscription(String topic) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + name.length)
                .putShort((short) 0)
                .putInt(1)
                .putShort((short) name.length)
                .put(name)
                .flip();
    }

    static GroupRequest.Sync sync(Claim claim, Map<String, ByteBuffer> assignments) {
        return new GroupRequest.Sync("g", claim, "consumer", "range", assignments);
    }

    static GroupRequest.Commit commit(Claim claim, long offset) {
        return new GroupRequest.Commit(
                "g", claim, true, List.of(new GroupRequest.Offset("t", 0, offset, -1, "")));
    }

    static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
