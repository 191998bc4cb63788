package io.millrace.broker.handler.topic;

import static java.util.Objects.requireNonNull;

import io.millrace.cluster.ControllerSettings;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.Standing;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A quorum that commits whatever is proposed, at once, and keeps nothing. */
final class AtOnceQuorum implements MetadataQuorum {
    private static final OptionalInt LEADER = OptionalInt.of(1);

    private @Nullable Listener listener;
    private long end;

    /** The metadata of a node alone: what is submitted is done when the call returns. */
    static MetadataService alone() {
        return new MetadataService(
                new AtOnceQuorum(),
                Runnable::run,
                new ControllerSettings("c", 1, Policy.DEFAULT, Long.MAX_VALUE, 0, 0),
                (node, request) -> CompletableFuture.failedFuture(new IOException("nobody")),
                () -> 0);
    }

    @Override
    public void start(Listener told) {
        listener = told;
        told.leading(1);
    }

    @Override
    public Standing standing() {
        return new Standing(true, 1, true, 0);
    }

    @Override
    public OptionalInt leader() {
        return LEADER;
    }

    @Override
    public CompletableFuture<Long> propose(List<MetadataRecord> records) {
        end += records.size();
        requireNonNull(listener).committed(records, end);
        return CompletableFuture.completedFuture(end);
    }

    @Override
    public void snapshot(Iterator<MetadataRecord> records, long endOffset) {}

    @Override
    public CompletableFuture<QuorumDescription> describe() {
        return CompletableFuture.completedFuture(
                new QuorumDescription(LEADER, 1, OptionalLong.of(end), List.of(), List.of()));
    }

    @Override
    public void close() {}
}
