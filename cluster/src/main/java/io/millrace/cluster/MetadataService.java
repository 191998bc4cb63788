package io.millrace.cluster;

import com.google.protobuf.ByteString;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.SnapshotRecords;
import io.millrace.cluster.peer.Answer;
import io.millrace.cluster.peer.Ask;
import io.millrace.cluster.peer.ControllerLink;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.QuorumException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Takes commands, has the active controller decide them and the quorum commit them, and publishes
 * the images that follow. The active controller is this node's while it leads the quorum; what is
 * for another's is sent there. {@link #start}, {@link #stop} and {@link #subscribe} are for the
 * metadata thread, on which everything happens; the rest may be called from any.
 */
public final class MetadataService implements MetadataQuorum.Listener, ControllerClient {
    /** As many records come between snapshots, or a part of the partitions if that is more. */
    private static final int RECORDS_BETWEEN_SNAPSHOTS = 20_000;

    private static final int PARTITIONS_TO_A_RECORD = 4;

    private final MetadataQuorum quorum;
    private final Executor thread;
    private final ControllerSettings settings;
    private final ControllerLink link;
    private final LongSupplier clockMs;
    private final PublishedImage published;
    private final ActiveController controller;
    private final Submissions submissions;
    private final List<Consumer<ImageDelta>> listeners = new ArrayList<>();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    private boolean running;
    private boolean snapshotDue;
    private int recordsSinceSnapshot;

    /** After how many it is looked whether they are enough. */
    private int recordsToSnapshot = RECORDS_BETWEEN_SNAPSHOTS;

    /**
     * What became of commands submitted together.
     *
     * @param decisions one for each, in order; those that another node made have no records but the
     *     producer ids that were taken
     * @param image this node's image, with all of them in it
     */
    public record Outcome(List<Decision> decisions, ClusterImage image) {}

    /**
     * @param thread the metadata thread: runs one task at a time
     * @param link reaches other nodes; never used in a quorum of one
     * @param clockMs milliseconds that only rise
     */
    public MetadataService(
            MetadataQuorum quorum,
            Executor thread,
            ControllerSettings settings,
            ControllerLink link,
            LongSupplier clockMs) {
        this.quorum = quorum;
        this.thread = thread;
        this.settings = settings;
        this.link = link;
        this.clockMs = clockMs;
        this.published = new PublishedImage(ClusterImage.empty(settings.clusterId()));
        this.controller = new ActiveController(quorum, settings, published, clockMs);
        this.submissions = new Submissions(controller, published, link, thread);
    }

    /** Takes part in the quorum. Blocks; on the metadata thread. */
    public void start() {
        quorum.start(this);
        running = true;
    }

    /** The newest committed image that this node has; from any thread. */
    @Override
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
     * Has commands decided in order, here or by the node that leads, and what they change committed
     * all together, or in {@linkplain io.millrace.cluster.controller.Pieces pieces} if it is much.
     * Done, on the metadata thread, when the changes are durable and published here. Fails with a
     * {@link NotControllerException} if no leader was found to tell what became of them in 15
     * seconds, and with a {@link QuorumException} or a {@link io.millrace.storage.StorageException}
     * if they cannot be stored: they may be committed all the same. From any thread. Needs {@link
     * #tick} if this node may not lead.
     */
    @Override
    public CompletableFuture<Outcome> submit(List<? extends Command> commands) {
        var outcome = new CompletableFuture<Outcome>();
        thread.execute(() -> submissions.add(commands, outcome, clockMs.getAsLong()));
        return outcome;
    }

    /** What is known of the quorum; who does not lead knows no replicas. From any thread. */
    public CompletableFuture<QuorumDescription> describeQuorum() {
        return CompletableFuture.runAsync(() -> {}, thread)
                .thenComposeAsync(_ -> quorum.describe(), thread);
    }

    /** What a command would come to now; nothing changes. From any thread. */
    public Decision consider(Command command) {
        return Controller.decide(image(), command, settings.defaults());
    }

    /**
     * Has the active controller know that a node is there. Done on any thread, with what the node
     * is to do, once what changes for it is committed. Not tried again: fails with a {@link
     * NotControllerException} if no leader is known, or the node that was asked does not lead; with
     * an {@link java.io.IOException} if it gave no answer. From any thread.
     */
    @Override
    public CompletableFuture<Beat> heartbeat(Heartbeat beat) {
        return CompletableFuture.completedFuture(beat).thenComposeAsync(this::beat, thread);
    }

    private CompletableFuture<Beat> beat(Heartbeat beat) {
        OptionalInt elsewhere = controller.elsewhere();
        return elsewhere.isEmpty()
                ? controller.heard(beat)
                : link.ask(elsewhere.getAsInt(), Ask.encode(new Ask.Beating(beat)))
                        .thenApply(MetadataService::heard);
    }

    private static Beat heard(ByteString answer) {
        return switch (Answer.decode(answer)) {
            case Answer.Heard(Beat beat) -> beat;
            case Answer.NotController(OptionalInt leader, int epoch) ->
                    throw new NotControllerException(leader, epoch);
            case Answer.Failed(String message) -> throw new QuorumException(message, null);
            case Answer.Decisions _, Answer.Stands _ ->
                    throw new QuorumException("a heartbeat was answered by something else", null);
        };
    }

    /**
     * Answers what another node asks the controller here. Done on the metadata thread; a failure is
     * an answer too. From any thread.
     */
    public CompletableFuture<ByteString> serve(ByteString request) {
        return CompletableFuture.completedFuture(Ask.decode(request))
                .thenComposeAsync(this::answer, thread)
                .exceptionally(MetadataService::refusal)
                .thenApply(Answer::encode);
    }

    private CompletableFuture<Answer> answer(Ask ask) {
        return switch (ask) {
            case Ask.Commands(List<? extends Command> commands) ->
                    controller.decide(commands).thenApply(Function.identity());
            case Ask.Beating(Heartbeat beat) -> controller.heard(beat).thenApply(Answer.Heard::new);
            case Ask.Recall() ->
                    CompletableFuture.completedFuture(
                            running
                                    ? new Answer.Stands(quorum.standing())
                                    : new Answer.Failed("this node has not begun"));
            case Ask.Unreadable(String why) ->
                    CompletableFuture.completedFuture(new Answer.Failed(why));
        };
    }

    private static Answer refusal(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof NotControllerException other
                ? new Answer.NotController(other.leader(), other.epoch())
                : new Answer.Failed(String.valueOf(cause));
    }

    /**
     * Lets time pass: fences silent nodes, asks again for commands that nobody took. Call every 100
     * to 250 ms; from any thread.
     */
    public void tick() {
        thread.execute(() -> {
            submissions.tick(clockMs.getAsLong());
            controller.tick();
        });
    }

    @Override
    public void restored(Iterator<MetadataRecord> records, long endOffset) {
        ClusterImage before = published.get();
        var builder = new ImageBuilder(ClusterImage.empty(before.clusterId()));
        records.forEachRemaining(builder::apply);
        recordsSinceSnapshot = 0;
        publish(ImageDelta.between(before, builder.build(endOffset)));
    }

    @Override
    public void committed(List<MetadataRecord> records, long endOffset) {
        var builder = new ImageBuilder(published.get());
        records.forEach(builder::apply);
        publish(builder.delta(builder.build(endOffset)));
        recordsSinceSnapshot += records.size();
        if (!snapshotDue && isSnapshotWorthIt()) {
            snapshotDue = true;
            thread.execute(this::takeSnapshot);
        }
    }

    /** Writing all costs as much as there is: it is to be a part of what the records cost. */
    private boolean isSnapshotWorthIt() {
        if (recordsSinceSnapshot < recordsToSnapshot) {
            return false;
        }
        recordsToSnapshot =
                Math.max(
                        RECORDS_BETWEEN_SNAPSHOTS,
                        published.get().partitionCount() / PARTITIONS_TO_A_RECORD);
        return recordsSinceSnapshot >= recordsToSnapshot;
    }

    private void publish(ImageDelta delta) {
        published.set(delta.after());
        listeners.forEach(listener -> listener.accept(delta));
        controller.published(delta);
        submissions.published();
    }

    @Override
    public void leading(int epoch) {
        controller.begin(epoch);
        thread.execute(submissions::leaderChanged);
    }

    @Override
    public void following(OptionalInt leader, int epoch) {
        controller.end(leader, epoch);
        if (leader.isPresent()) {
            thread.execute(submissions::leaderChanged);
        }
    }

    @Override
    public void failed(Throwable cause) {
        failure.complete(cause);
    }

    /**
     * Done, on the metadata thread, with the cause once this node's part of the quorum has failed:
     * its image is the last that it will ever have. From any thread.
     */
    public CompletableFuture<Throwable> failure() {
        return failure.copy();
    }

    /** Not while the quorum still reads its files, nor after it was closed. */
    private void takeSnapshot() {
        snapshotDue = false;
        if (!running) {
            return;
        }
        recordsSinceSnapshot = 0;
        recordsToSnapshot = RECORDS_BETWEEN_SNAPSHOTS;
        ClusterImage image = published.get();
        quorum.snapshot(SnapshotRecords.of(image), image.endOffset());
    }

    /** Stops the quorum; what is not decided by then fails. Blocks; on the metadata thread. */
    public void stop() {
        running = false;
        quorum.close();
        controller.stop();
        submissions.close();
    }
}
