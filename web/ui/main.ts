import './fragment.ts';
import { activities } from './activities.ts';
import { startApp } from './start.tsx';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no place for the app');
startApp(root, activities);
