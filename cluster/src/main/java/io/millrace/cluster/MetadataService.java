package io.millrace.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.MetadataSnapshot;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Takes commands, has the controller decide them and the quorum commit them, and publishes the
 * images that follow. {@link #submit} and {@link #image} may be called from any thread; the rest
 * happens on the metadata thread.
 */
public final class MetadataService implements MetadataQuorum.Listener {
    private static final int RECORDS_BETWEEN_SNAPSHOTS = 20_000;

    private final MetadataQuorum quorum;
    private final Executor thread;
    private final Policy defaults;
    private final PublishedImage published;
    private final List<Consumer<ImageDelta>> listeners = new ArrayList<>();

    /** The published image and all that is proposed: what the next command is decided by. */
    private ClusterImage proposed;

    private boolean leads;
    private int epoch;
    private int recordsSinceSnapshot;

    /**
     * What became of commands submitted together.
     *
     * @param decisions one for each, in order
     * @param image the image after all of them
     */
    public record Outcome(List<Decision> decisions, ClusterImage image) {}

    /**
     * @param thread the metadata thread: runs one task at a time
     * @param defaults in force where no topic says otherwise
     */
    public MetadataService(
            MetadataQuorum quorum, Executor thread, String clusterId, Policy defaults) {
        this.quorum = quorum;
        this.defaults = defaults;
        this.thread = thread;
        this.proposed = ClusterImage.empty(clusterId);
        this.published = new PublishedImage(proposed);
    }

    /** Takes part in the quorum. Blocks; on the metadata thread. */
    public void start() {
        quorum.start(this);
    }

    /** The newest committed image; from any thread. */
    public ClusterImage image() {
        return published.get();
    }

    /**
     * Tells a listener of every change from now on, on the metadata thread, before the commands
     * that made it complete. Add listeners before commands are submitted.
     */
    public void subscribe(Consumer<ImageDelta> listener) {
        listeners.add(listener);
    }

    /**
     * Decides commands in order and commits what they change, all together. Done when the changes
     * are durable and published; fails with a {@link NotControllerException} if this node does not
     * lead; from any thread.
     */
    public CompletableFuture<Outcome> submit(List<? extends Command> commands) {
        var outcome = new CompletableFuture<Outcome>();
        thread.execute(() -> decide(commands, outcome));
        return outcome;
    }

    /** What a command would come to now; nothing changes. From any thread. */
    public Decision consider(Command command) {
        return Controller.decide(image(), command, defaults);
    }

    private void decide(List<? extends Command> commands, CompletableFuture<Outcome> outcome) {
        if (!leads) {
            outcome.completeExceptionally(new NotControllerException(quorum.leader(), epoch));
            return;
        }
        var builder = new ImageBuilder(proposed);
        var decisions = new ArrayList<Decision>(commands.size());
        var records = new ArrayList<MetadataRecord>();
        for (Command command : commands) {
            Decision decision =
                    Controller.decide(builder.build(proposed.endOffset()), command, defaults);
            decisions.add(decision);
            if (decision instanceof Decision.Accepted(List<MetadataRecord> accepted)) {
                accepted.forEach(builder::apply);
                records.addAll(accepted);
            }
        }
        if (records.isEmpty()) {
            outcome.complete(new Outcome(decisions, published.get()));
            return;
        }
        CompletableFuture<Long> committed = propose(records);
        if (!committed.isCompletedExceptionally()) {
            proposed = builder.build(proposed.endOffset() + records.size());
        }
        var _ =
                committed.whenComplete((end, failure) -> {
                    if (failure == null) {
                        outcome.complete(new Outcome(decisions, published.get()));
                    } else {
                        outcome.completeExceptionally(failure);
                    }
                });
    }

    private CompletableFuture<Long> propose(List<MetadataRecord> records) {
        try {
            return quorum.propose(records);
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void restored(ByteString snapshot, long endOffset) {
        try {
            ClusterImage before = published.get();
            var builder = new ImageBuilder(ClusterImage.empty(before.clusterId()));
            MetadataSnapshot.parseFrom(snapshot).getRecordsList().forEach(builder::apply);
            publish(ImageDelta.between(before, builder.build(endOffset)));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the metadata snapshot cannot be decoded", e);
        }
    }

    @Override
    public void committed(List<MetadataRecord> records, long endOffset) {
        var builder = new ImageBuilder(published.get());
        records.forEach(builder::apply);
        publish(builder.delta(builder.build(endOffset)));
        recordsSinceSnapshot += records.size();
        if (recordsSinceSnapshot >= RECORDS_BETWEEN_SNAPSHOTS) {
            recordsSinceSnapshot = 0;
            thread.execute(this::takeSnapshot);
        }
    }

    private void publish(ImageDelta delta) {
        published.set(delta.after());
        listeners.forEach(listener -> listener.accept(delta));
    }

    /** What an earlier leader here proposed and did not see committed is gone. */
    @Override
    public void leading(int newEpoch) {
        leads = true;
        epoch = newEpoch;
        proposed = published.get();
    }

    @Override
    public void following(OptionalInt leader, int newEpoch) {
        leads = false;
        epoch = newEpoch;
    }

    private void takeSnapshot() {
        ClusterImage image = published.get();
        var snapshot =
                MetadataSnapshot.newBuilder()
                        .setEndOffset(image.endOffset())
                        .addAllRecords(Records.of(image))
                        .build();
        quorum.snapshot(snapshot.toByteString(), image.endOffset());
    }

    /** Stops the quorum. Blocks; on the metadata thread. */
    public void stop() {
        quorum.close();
    }
}
