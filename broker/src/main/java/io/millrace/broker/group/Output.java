package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.List;

/**
 * What a step of the machine asks of its caller: store the records, and send the replies once they
 * are committed. Filled by one step, on the loop.
 *
 * @param <T> what a caller knows its requests by
 */
public final class Output<T> {
    private final List<GroupRecord> records = new ArrayList<>(2);
    private final List<Reply<T>> replies = new ArrayList<>(2);

    /** A reply and the request that it is for. */
    public record Reply<T>(T request, GroupReply reply) {}

    void store(GroupRecord record) {
        records.add(record);
    }

    void reply(T request, GroupReply reply) {
        replies.add(new Reply<>(request, reply));
    }

    public List<GroupRecord> records() {
        return records;
    }

    public List<Reply<T>> replies() {
        return replies;
    }
}
