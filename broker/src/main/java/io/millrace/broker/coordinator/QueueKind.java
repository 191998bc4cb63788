package io.millrace.broker.coordinator;

import io.millrace.broker.queue.QueueEffect;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.QueueShard;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.shard.Unavailable;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Shards of queues. */
record QueueKind(
        Supplier<QueueShard<Consumer<QueueReply>>> machines,
        QueueWaits waits,
        DeadLetters deadLetters,
        Consumer<QueueKey> wakes)
        implements ShardKind<
                QueueShard<Consumer<QueueReply>>, QueueRequest, QueueReply, QueueEffect> {
    @Override
    public QueueShard<Consumer<QueueReply>> create() {
        return machines.get();
    }

    @Override
    public void dropped(QueueShard<Consumer<QueueReply>> machine) {
        machine.drop();
    }

    @Override
    public QueueReply refusal(QueueRequest request, Unavailable why) {
        return QueueShard.refusal(request, error(why));
    }

    @Override
    public void perform(
            ShardRunner<QueueShard<Consumer<QueueReply>>, QueueRequest, QueueReply, QueueEffect>
                    shard,
            QueueEffect effect) {
        switch (effect) {
            case QueueEffect.Wake wake -> {
                waits.wake(wake.key());
                wakes.accept(wake.key());
            }
            case QueueEffect.Bury bury ->
                    deadLetters.write(
                            bury, durable -> shard.loop().run(() -> written(shard, bury, durable)));
        }
    }

    private static void written(
            ShardRunner<QueueShard<Consumer<QueueReply>>, QueueRequest, QueueReply, QueueEffect>
                    shard,
            QueueEffect.Bury bury,
            boolean durable) {
        if (durable) {
            shard.handle(new QueueRequest.Buried(bury.key(), bury.offsets()), reply -> {});
        } else {
            shard.apply((queues, nowMs) -> queues.burialFailed(bury.key(), bury.offsets()));
        }
    }

    static QueueError error(Unavailable why) {
        return switch (why) {
            case NOT_COORDINATOR -> QueueError.NOT_COORDINATOR;
            case COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS ->
                    QueueError.COORDINATOR_NOT_AVAILABLE;
        };
    }
}
