import { startUpload, startVerify } from './actions.js';
import { Association } from './association.js';
import { Charts } from './charts.js';
import { byId, setText } from './dom.js';
import { EventLog } from './event-log.js';
import { feed } from './feed.js';
import { Namespaces } from './namespaces.js';
import { Transfers } from './transfers.js';
import { UploadDialog } from './upload-dialog.js';
import { VerifyDialog } from './verify-dialog.js';

const charts = new Charts();
const log = new EventLog();
const transfers = new Transfers();

const uploads = new UploadDialog((namespace, file, offset) => startUpload(transfers, namespace, file, offset));
const verifications = new VerifyDialog((namespace, offset, length) =>
    startVerify(transfers, namespace, offset, length),
);
const namespaces = new Namespaces({
    upload: (namespace) => uploads.open(namespace),
    verify: (namespace) => verifications.open(namespace),
});
const association = new Association((state, text) => {
    log.add({ time: new Date().toISOString(), kind: 'Association', text });
    if (state === 'live') {
        namespaces.load();
    }
});

feed({
    state: (state) => association.show(state),
    rates(rates) {
        charts.add(rates, association.live);
        setText(byId('fact-in-flight'), String(rates.inFlight));
    },
    transfer: (told) => transfers.tell(told),
    nvme(event) {
        log.add(event);
        if (event.kind === 'NamespacesChanged') {
            namespaces.load();
        }
    },
    missed({ count }) {
        const text = `This browser was too slow for ${count} of the gateway's events.`;
        log.add({ time: new Date().toISOString(), kind: 'Missed', text });
        association.refresh();
    },
});
namespaces.load();
