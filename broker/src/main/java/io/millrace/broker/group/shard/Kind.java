package io.millrace.broker.group.shard;

import io.millrace.broker.group.Membership;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.share.ShareGroup;
import io.millrace.broker.group.streams.StreamsGroup;

/** What kind of members a group has, and the members. */
sealed interface Kind<T> {
    Membership members();

    /** Members of the classic protocol, or nobody yet and perhaps offsets. */
    record Classic<T>(ClassicGroup<T> members) implements Kind<T> {}

    /** Members of the consumer protocol; or of both while a group moves from one to the other. */
    record Consumer<T>(ConsumerGroup members) implements Kind<T> {}

    /** Members that share partitions. */
    record Share<T>(ShareGroup members) implements Kind<T> {}

    /** Members that process tasks of a topology. */
    record Streams<T>(StreamsGroup members) implements Kind<T> {}
}
